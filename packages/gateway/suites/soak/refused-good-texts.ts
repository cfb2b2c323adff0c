import { EmbedderPool, PoolError } from '@forebay/pool-client';
import { type Fault, startSimulatedBackend } from '@forebay/testing';
import { POISON } from './backend-process.ts';

// What the soak found on 2026-11-25, by itself: good texts that are refused as the caller's fault (POOL_INPUT_REFUSED, 400) while
// backends are well. `node packages/gateway/suites/soak/refused-good-texts.ts`; every line should say `{"ok":100}`.
const poison: Fault = { kind: 'poison', marker: POISON };
const engineFails: Fault = { kind: 'error', error: 'engine-failure' };
const spoilsHalf: Fault = { kind: 'zero-vector', probability: 0.5 };

interface Scenario {
  readonly name: string;
  readonly well: number;
  readonly sick: readonly Fault[];
  /** Whether poisoned texts make the pool ask its control question just before. */
  readonly asksBefore: boolean;
}

await tell({ name: 'sick right after its control', well: 3, sick: [engineFails], asksBefore: true });
await tell({ name: 'sick without a control before', well: 3, sick: [engineFails], asksBefore: false });
await tell({
  name: 'two that spoil every other batch',
  well: 2,
  sick: [spoilsHalf, spoilsHalf],
  asksBefore: false,
});
const tooLarge: Fault = { kind: 'error', error: 'payload-too-large' };
await tell({ name: 'one that says 413 to all', well: 3, sick: [tooLarge], asksBefore: false });
await tell({ name: 'two that say 413 to all', well: 2, sick: [tooLarge, tooLarge], asksBefore: false });
await tell({ name: 'one that spoils every other batch', well: 3, sick: [spoilsHalf], asksBefore: false });

async function tell({ name, well, sick, asksBefore }: Scenario): Promise<void> {
  const backends = await Promise.all(
    Array.from({ length: well + sick.length }, (_, seed) =>
      startSimulatedBackend({ aMs: 2, bMs: 0.1, faults: [poison], seed }),
    ),
  );
  const pool = new EmbedderPool({ backends: backends.map(({ djlUrl }) => djlUrl), verify: 'full' });
  await pool.ready();
  while (pool.stats().backends.some(({ state }) => state !== 'serving')) await pause(5);
  const counts: Record<string, number> = {};
  let message = '';
  for (let round = 0; round < 10; round += 1) {
    for (const backend of backends) backend.setFault(poison);
    await pause(1_100); // longer than a control's answer is believed
    const poisoned = Array.from({ length: asksBefore ? 8 : 0 }, () => pool.encode([POISON, 'a', 'b']));
    await Promise.allSettled(poisoned);
    for (const [index, fault] of sick.entries()) backends[index]?.setFault([poison, fault]);
    const calls = Array.from({ length: 10 }, (_, call) =>
      pool.encode(Array.from({ length: 32 }, (_text, i) => `good ${round} ${call} ${i}`)),
    );
    for (const result of await Promise.allSettled(calls)) {
      const code = result.status === 'fulfilled' ? 'ok' : codeOf(result.reason);
      counts[code] = (counts[code] ?? 0) + 1;
      if (result.status === 'rejected') message ||= String(result.reason);
    }
  }
  process.stdout.write(`${name}: ${JSON.stringify(counts)} ${message}\n`);
  await pool.close();
  await Promise.all(backends.map((backend) => backend.close()));
}

function codeOf(error: unknown): string {
  return error instanceof PoolError ? error.code : String(error);
}

function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}

import { afterAll, expect, it } from 'vitest';
import { startBackends } from './backend-process.ts';
import { type ClosedLoopResult, runClosedLoop } from './closed-loop.ts';
import { startGatewayOf } from './gateway-of.ts';
import { newTexts } from './load.ts';
import { isWanted, report } from './report.ts';

const MARKER = 'poison';
/** Every 200th request carries one poisoned text: 0.5 %. */
const REQUESTS_PER_POISON = 200;
const LEAST_RATIO = 0.8;

const rows: Record<string, string | number>[] = [];

afterAll(() => report('poison', rows));

it.for([
  { name: 'singles', size: 1, callers: 32, roundMs: 700, rounds: 11 },
  { name: '32-text requests', size: 32, callers: 8, roundMs: 1_400, rounds: 9 },
])(
  'one poisoned text among 200 $name fails alone, named by its index, and costs little',
  async ({ name, size, callers, roundMs, rounds }, { skip }) => {
    if (!isWanted(`poison: ${name}`)) skip('not in FAULTS_ONLY');
    const backends = await startBackends(2);
    await using stack = new AsyncDisposableStack();
    for (const backend of backends) stack.use(backend);
    await using gateway = await startGatewayOf(backends);
    for (const backend of backends) await backend.setFaults([{ kind: 'poison', marker: MARKER }]);
    let sent = 0;
    const poisoned = () => {
      sent += 1;
      return sent % REQUESTS_PER_POISON === 0 ? withPoison(newTexts(size), sent) : newTexts(size);
    };
    const round = (texts: () => readonly string[], forMs = roundMs) =>
      runClosedLoop({ origin: gateway.origin, callers, forMs, timeoutMs: 10_000, texts });
    await round(() => newTexts(size), 1_500);
    const pairs: { readonly clean: ClosedLoopResult; readonly dirty: ClosedLoopResult }[] = [];
    for (let i = 0; i < rounds; i += 1) {
      const clean = await round(() => newTexts(size));
      pairs.push({ clean, dirty: await round(poisoned) });
    }
    const outcomes = pairs.flatMap(({ clean, dirty }) => [...clean.outcomes, ...dirty.outcomes]);
    const guilty = outcomes.filter(({ sentTexts }) => poisonIndex(sentTexts) >= 0);
    const innocent = outcomes.filter(({ sentTexts }) => poisonIndex(sentTexts) < 0);
    const ratios = pairs.map(({ clean, dirty }) => dirty.textsPerSecond / clean.textsPerSecond);
    const ratio = median(ratios);
    rows.push({
      workload: name,
      requests: outcomes.length,
      poisoned: guilty.length,
      cleanTextsPerSecond: Math.round(median(pairs.map(({ clean }) => clean.textsPerSecond))),
      poisonedTextsPerSecond: Math.round(median(pairs.map(({ dirty }) => dirty.textsPerSecond))),
      medianRatio: ratio.toFixed(2),
      ratios: ratios.map((value) => value.toFixed(2)).join(' '),
    });
    expect(innocent.filter(({ verdict }) => verdict !== 'right').slice(0, 3)).toEqual([]);
    expect(guilty.length).toBeGreaterThan(2);
    const unnamed = guilty.filter(({ status, detail, sentTexts, api }) => {
      const index = poisonIndex(sentTexts);
      const named = api.name === 'openai' ? `"param":"input[${index}]"` : String(index);
      return status !== 400 || !detail.includes(named);
    });
    expect(unnamed.slice(0, 3)).toEqual([]);
    expect(ratio).toBeGreaterThanOrEqual(LEAST_RATIO);
  },
);

function withPoison(texts: readonly string[], place: number): readonly string[] {
  const at = (7 * place) % texts.length;
  return texts.map((text, i) => (i === at ? `${MARKER} in ${text}` : text));
}

function poisonIndex(texts: readonly string[]): number {
  return texts.findIndex((text) => text.startsWith(MARKER));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

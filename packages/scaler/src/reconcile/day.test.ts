import { seededRandom } from '@forebay/testing';
import { expect, it } from 'vitest';
import { NOW_MS, samples } from '../decide/decision.test-support.ts';
import { queuedWorkPolicy } from '../values/group-settings.test-support.ts';
import { World } from './world.test-support.ts';

const DAY_SECONDS = 86_400;
const TICK_SECONDS = 5;
const CHUNKS_PER_SECOND = 100;

/** Chunks/s over a day: little at night, much at noon, and a batch job of twenty minutes at six. */
function arrivalsPerSecond(second: number, chance: number): number {
  const noon = 150 * (1 - Math.cos((2 * Math.PI * second) / DAY_SECONDS));
  const job = second >= 64_800 && second < 66_000 ? 400 : 0;
  return (20 + noon + job) * (0.8 + 0.4 * chance);
}

it('runs a day of 17,280 ticks in seconds, and follows its load', { timeout: 120_000 }, async () => {
  const world = new World({
    min: 1,
    initial: 1,
    max: 20,
    policies: [queuedWorkPolicy({ trend: true, headroom: 1.15, tolerance: { out: 0.2, in: 0.15 } })],
    stabilizationSeconds: { out: 0, in: 300 },
    cooldownSeconds: { out: 0, in: 300 },
    chunksPerSecond: CHUNKS_PER_SECOND,
  });
  const random = seededRandom(9);
  let arrivals = 0;
  let queued = 0;
  world.signals = (nowMs) =>
    samples(
      {
        arrivals_per_second: arrivals,
        queued_chunks: queued,
        chunks_per_second_per_replica: CHUNKS_PER_SECOND,
      },
      nowMs,
    );
  const stop = new AbortController();
  const began = process.cpuUsage();
  const running = world.scaler().run(stop.signal);
  const readyAt: number[] = [];
  const waits: number[] = [];
  for (let second = 0; second < DAY_SECONDS; second += TICK_SECONDS) {
    const ready = world.rows.filter(({ state }) => state.kind === 'ready').length;
    arrivals = arrivalsPerSecond(second, random());
    queued = Math.max(0, queued + TICK_SECONDS * (arrivals - ready * CHUNKS_PER_SECOND));
    readyAt.push(ready);
    waits.push(queued / Math.max(1, ready * CHUNKS_PER_SECOND));
    await world.clock.advance(TICK_SECONDS * 1_000);
  }
  stop.abort();
  await running;
  // Processor time: other tests run beside this one.
  const used = process.cpuUsage(began);
  const elapsedSeconds = (used.user + used.system) / 1e6;

  const decided = world.events.filter(({ kind }) => kind === 'decided');
  const changes = world.store.decisionsSince('cpu', NOW_MS).filter((each) => each.target !== each.current);
  waits.sort((a, b) => a - b);
  const p99WaitSeconds = waits[Math.floor(0.99 * waits.length)];
  const replicaHours = (readyAt.reduce((sum, each) => sum + each, 0) * TICK_SECONDS) / 3_600;
  console.log(
    `24 h: ${decided.length} ticks in ${elapsedSeconds.toFixed(2)} s (${((1_000 * elapsedSeconds) / decided.length).toFixed(3)} ms each), ${changes.length} changes, ${replicaHours.toFixed(1)} replica hours, wait p99 ${p99WaitSeconds?.toFixed(1)} s`,
  );
  expect(decided.length).toBeGreaterThanOrEqual(17_280);
  expect(elapsedSeconds).toBeLessThan(10);
  // 100/s each: one at night (20/s), four at noon (320/s) at least, and more than four in the batch job (450/s).
  const at = (hour: number) => readyAt[(hour * 3_600) / TICK_SECONDS];
  expect([at(3)! <= 3, at(12)! >= 4, Math.max(...readyAt) > 4, at(23)! <= 3]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(changes.length).toBeLessThan(100);
  expect(world.events.filter(({ kind }) => kind === 'lost' || kind === 'tick-failed')).toEqual([]);
});

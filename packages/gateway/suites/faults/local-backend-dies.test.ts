import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { djlApi, embed } from '../../test/apis.ts';
import { spawnGateway } from '../../test/gateway-process.ts';
import { allServe } from './gateway-of.ts';
import { isWanted, report } from './report.ts';

const CALLERS = 6;
/** Not 1: the texts of a batch are padded together, which moves the last bits. */
const LEAST_COSINE = 0.9999;

const rows: Record<string, string | number>[] = [];

afterAll(() => report('local backend dies', rows));

// That the worker thread inside a local backend is replaced when it dies is tested where it is decided:
// packages/local-backend/src/queue/keep-worker.test.ts.
it.skipIf(!isWanted('local backend dies') || process.platform !== 'linux')(
  'no request fails when one of two real local backends is killed, and the gateway starts another',
  async () => {
    await using gateway = spawnGateway([], {
      PORT: '0',
      LOCAL_BACKENDS: '2',
      LOG_LEVEL: 'fatal',
      ...modelPlace(),
    });
    const origin = await gateway.url;
    expect(await allServe(origin, 2, 120_000)).toBeLessThan(120_000);
    const texts = Array.from(
      { length: 8 },
      (_, i) => `${'A sentence about rivers and dams. '.repeat(1 + i)}${i}`,
    );
    const expected = djlApi.vectors((await embed(origin, djlApi, texts)).text);
    const stop = new AbortController();
    const seen: { readonly status: number; readonly isRight: boolean; readonly tookMs: number }[] = [];
    const callers = Array.from({ length: CALLERS }, async () => {
      while (!stop.signal.aborted) {
        const startMs = performance.now();
        const { status, text } = await embed(origin, djlApi, texts);
        const tookMs = performance.now() - startMs;
        const isRight = status === 200 && leastCosine(djlApi.vectors(text), expected) >= LEAST_COSINE;
        seen.push({ status, isRight, tookMs });
      }
    });
    await sleep(2_000);
    const before = childrenOf(gateway.child.pid);
    const beforeCount = seen.length;
    const killedMs = performance.now();
    process.kill(before[0] ?? Number.NaN, 'SIGKILL');
    await expect.poll(() => childrenOf(gateway.child.pid), { timeout: 10_000 }).not.toContain(before[0]);
    await expect.poll(() => childrenOf(gateway.child.pid).length, { timeout: 30_000 }).toBe(2);
    const startedAgainS = (performance.now() - killedMs) / 1_000;
    await allServe(origin, 2, 60_000);
    const servesAgainS = (performance.now() - killedMs) / 1_000;
    await sleep(1_000);
    stop.abort();
    await Promise.all(callers);
    rows.push({
      requests: seen.length,
      beforeTheKill: beforeCount,
      failedOrWrong: seen.filter(({ isRight }) => !isRight).length,
      longestMs: Math.round(Math.max(...seen.map(({ tookMs }) => tookMs))),
      startedAgainS: startedAgainS.toFixed(2),
      servesAgainS: servesAgainS.toFixed(2),
    });
    expect(before).toHaveLength(2);
    expect(seen.filter(({ isRight }) => !isRight).slice(0, 3)).toEqual([]);
    expect(seen.length).toBeGreaterThan(beforeCount + CALLERS);
  },
);

/** Process ids of the gateway's own children, its local backends. */
function childrenOf(pid: number | undefined): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Where the real model lies, as this process was told. */
function modelPlace(): Record<string, string> {
  const { HOME, XDG_CACHE_HOME, FOREBAY_MODEL_DIR } = process.env;
  const given = Object.entries({ HOME, XDG_CACHE_HOME, FOREBAY_MODEL_DIR });
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function leastCosine(
  vectors: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
): number {
  if (vectors.length !== expected.length) return -1;
  return Math.min(...vectors.map((vector, i) => cosine(vector, expected[i] ?? [])));
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

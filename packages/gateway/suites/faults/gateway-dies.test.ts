import { setTimeout as sleep } from 'node:timers/promises';
import { EmbedderPool, PoolError } from '@forebay/pool-client';
import { expectedVector } from '@forebay/testing';
import { afterAll, expect, it } from 'vitest';
import { djlApi } from '../../test/apis.ts';
import { startBackends } from './backend-process.ts';
import { startGatewayOf } from './gateway-of.ts';
import { newTexts } from './load.ts';
import { isWanted, report } from './report.ts';

const TIMEOUT_MS = 3_000;
const SLACK_MS = 500;
const CALLERS = 16;

interface Call {
  readonly sentMs: number;
  readonly tookMs: number;
  readonly result: 'right' | 'wrong' | PoolError | Error;
}

const rows: Record<string, string | number>[] = [];

afterAll(() => report('gateway dies', rows));

it.skipIf(!isWanted('gateway dies'))(
  'library callers of a killed gateway get PoolErrors in time, and vectors when it is back',
  async () => {
    const backends = await startBackends(2);
    await using stack = new AsyncDisposableStack();
    for (const backend of backends) stack.use(backend);
    await using gateway = await startGatewayOf(backends);
    await using pool = new EmbedderPool({ backends: [`${gateway.origin}${djlApi.path}`], verify: 'full' });
    await pool.ready();
    const startMs = performance.now();
    const stop = new AbortController();
    const calls: Call[] = [];
    const callers = Array.from({ length: CALLERS }, async () => {
      while (!stop.signal.aborted) {
        const call = await callOnce(pool, startMs);
        calls.push(call);
        if (call.result instanceof Error) await sleep(20); // as a caller that tries again would
      }
    });
    await sleep(1_500);
    const killedMs = performance.now() - startMs;
    gateway.child.kill('SIGKILL');
    await gateway.ended;
    await sleep(5_000);
    await using again = await startGatewayOf(backends, { PORT: new URL(gateway.origin).port });
    const backMs = performance.now() - startMs;
    await sleep(5_000);
    stop.abort();
    await Promise.all(callers);
    expect(again.origin).toBe(gateway.origin);

    const failed = calls.filter(({ result }) => result instanceof Error);
    const firstRightMs = Math.min(
      ...calls
        .filter(({ sentMs, result, tookMs }) => result === 'right' && sentMs + tookMs > backMs)
        .map(({ sentMs, tookMs }) => sentMs + tookMs),
    );
    rows.push({
      calls: calls.length,
      failed: failed.length,
      codes: [
        ...new Set(failed.map(({ result }) => (result instanceof PoolError ? result.code : String(result)))),
      ].join(' '),
      longestFailureMs: Math.round(Math.max(0, ...failed.map(({ tookMs }) => tookMs))),
      rightAgainS: ((firstRightMs - backMs) / 1_000).toFixed(2),
    });
    expect(failed.filter(({ result }) => !(result instanceof PoolError)).slice(0, 3)).toEqual([]);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ sentMs, tookMs }) => sentMs + tookMs >= killedMs)).toBe(true);
    expect(calls.filter(({ result }) => result === 'wrong')).toEqual([]);
    expect(Math.max(...calls.map(({ tookMs }) => tookMs))).toBeLessThanOrEqual(TIMEOUT_MS + SLACK_MS);
    const settled = calls.filter(({ sentMs }) => sentMs > backMs + 3_000);
    expect(settled.length).toBeGreaterThan(CALLERS);
    expect(settled.filter(({ result }) => result !== 'right').slice(0, 3)).toEqual([]);
  },
);

async function callOnce(pool: EmbedderPool, loadStartMs: number): Promise<Call> {
  const texts = newTexts(8);
  const startMs = performance.now();
  const known = () => ({ sentMs: startMs - loadStartMs, tookMs: performance.now() - startMs });
  try {
    const vectors = await pool.encode(texts, { timeoutMs: TIMEOUT_MS });
    const call = known();
    const expected = texts.map((text) => expectedVector(text));
    return { ...call, result: JSON.stringify(vectors) === JSON.stringify(expected) ? 'right' : 'wrong' };
  } catch (error) {
    return { ...known(), result: error instanceof Error ? error : new Error(String(error)) };
  }
}

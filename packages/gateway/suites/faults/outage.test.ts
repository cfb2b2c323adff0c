import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { djlApi, teiApi } from '../../test/apis.ts';
import { readMetrics } from '../../test/read-metrics.ts';
import { type BackendProcess, startBackends } from './backend-process.ts';
import { byStatus, percentileMs } from './cell-row.ts';
import { startGatewayOf } from './gateway-of.ts';
import { type Outcome, type Stream, startLoad } from './load.ts';
import { isWanted, report } from './report.ts';

const BEFORE_MS = 3_000;
const OUTAGE_MS = 20_000;
const AFTER_MS = 9_000;
const FULL_WITHIN_MS = 3_000;
const MOST_SENDS = 1.25;
/** More than the outage lasts: callers that would rather wait. */
const TIMEOUT_MS = 40_000;

const STEADY: readonly Stream[] = [
  { perSecond: 80, texts: 1, apis: [djlApi, teiApi] },
  { perSecond: 5, texts: 32, apis: [djlApi] },
];
const OFFERED_TEXTS_PER_SECOND = 240;
/** Half of what two of these backends compute: what waited is worked off at this speed at least, not only what comes in. */
const FULL_TEXTS_PER_SECOND = 1_800;

const rows: Record<string, string | number>[] = [];

afterAll(() => report('outage', rows));

interface Outage {
  readonly name: string;
  begin(backend: BackendProcess): Promise<void>;
  end(backend: BackendProcess): Promise<void>;
}

const dead: Outage = {
  name: 'kill -9',
  begin: (backend) => backend.kill(),
  end: (backend) => backend.revive(),
};
const failing: Outage = {
  name: '500',
  begin: (backend) => backend.setFaults([{ kind: 'error', error: 'internal-error' }]),
  end: (backend) => backend.clearFaults(),
};

it.for([dead, failing])(
  'all of two backends fail for 20 s ($name): bounded queue, few tries, full speed in 3 s',
  async (outage, { skip }) => {
    if (!isWanted(`outage: ${outage.name}`)) skip('not in FAULTS_ONLY');
    const backends = await startBackends(2);
    await using stack = new AsyncDisposableStack();
    for (const backend of backends) stack.use(backend);
    await using gateway = await startGatewayOf(backends);
    const { origin } = gateway;
    const startMs = performance.now();
    const forMs = BEFORE_MS + OUTAGE_MS + AFTER_MS;
    const load = startLoad({ origin, forMs, timeoutMs: TIMEOUT_MS, streams: STEADY });
    const stopWatching = new AbortController();
    const deepest = deepestQueue(origin, stopWatching.signal);
    await sleep(BEFORE_MS);
    const downMs = performance.now() - startMs;
    await each(backends, (backend) => backend.resetCounters());
    await each(backends, (backend) => outage.begin(backend));
    await sleep(downMs + OUTAGE_MS - (performance.now() - startMs));
    const triedTexts = outage === failing ? await textsReceived(backends) : Number.NaN;
    await each(backends, (backend) => outage.end(backend));
    const upMs = performance.now() - startMs;
    const outcomes = await load.outcomes;
    stopWatching.abort();
    const queued = await deepest;

    const during = outcomes.filter(({ sentMs }) => sentMs > downMs && sentMs < upMs);
    const firstMs = Math.min(
      ...outcomes
        .filter(isRight)
        .map(endMs)
        .filter((ms) => ms > upMs),
    );
    const settled = outcomes.filter(({ sentMs }) => sentMs > firstMs + FULL_WITHIN_MS);
    const offered = during.reduce((sum, { texts }) => sum + texts, 0);
    const rightDuring = during.filter(isRight).length;
    rows.push({
      outage: outage.name,
      requestsInOutage: during.length,
      answeredRight: rightDuring,
      failed: byStatus(during),
      offeredTexts: offered,
      triedTexts: Number.isNaN(triedTexts) ? 'not countable' : triedTexts,
      deepestQueue: queued,
      firstAnswerS: ((firstMs - upMs) / 1_000).toFixed(2),
      peakTextsPerSecond: peakTextsPerSecond(outcomes, firstMs),
      p99SettledMs: percentileMs(settled, 0.99),
      failedSettled: byStatus(settled),
    });
    const bad = outcomes.filter(({ verdict }) => verdict !== 'right' && verdict !== 'refused');
    expect(bad.slice(0, 3)).toEqual([]);
    expect(queued).toBeLessThanOrEqual(offered + OFFERED_TEXTS_PER_SECOND);
    expect(settled.length).toBeGreaterThan(100);
    expect(settled.filter((outcome) => !isRight(outcome)).slice(0, 3)).toEqual([]);
    expect(percentileMs(settled, 0.99)).toBeLessThan(1_000);
    expect(peakTextsPerSecond(outcomes, firstMs)).toBeGreaterThan(FULL_TEXTS_PER_SECOND);
    if (outage === failing) expect(triedTexts / offered).toBeLessThanOrEqual(MOST_SENDS);
    expect(rightDuring / during.length, 'answered rightly in the end').toBeGreaterThan(0.5);
  },
);

const isRight = ({ verdict }: Outcome) => verdict === 'right';
const endMs = ({ sentMs, tookMs }: Outcome) => sentMs + tookMs;

/** In the best half second of the first three after the first answer. */
function peakTextsPerSecond(outcomes: readonly Outcome[], firstMs: number): number {
  const halves = Array.from({ length: 6 }, (_, half) => {
    const fromMs = firstMs + 500 * half;
    const ended = outcomes.filter((outcome) => endMs(outcome) >= fromMs && endMs(outcome) < fromMs + 500);
    return 2 * ended.filter(isRight).reduce((sum, { texts }) => sum + texts, 0);
  });
  return Math.max(...halves);
}

async function deepestQueue(origin: string, signal: AbortSignal): Promise<number> {
  let deepest = 0;
  while (!signal.aborted) {
    deepest = Math.max(deepest, (await readMetrics(origin)).value('forebay_queue_depth') ?? 0);
    await sleep(250, undefined, { signal }).catch(() => undefined); // told to stop
  }
  return deepest;
}

async function textsReceived(backends: readonly BackendProcess[]): Promise<number> {
  const counters = await Promise.all(backends.map((backend) => backend.counters()));
  return counters.reduce((sum, { textsReceived: texts }) => sum + texts, 0);
}

async function each(
  backends: readonly BackendProcess[],
  act: (backend: BackendProcess) => Promise<void>,
): Promise<void> {
  await Promise.all(backends.map(act));
}

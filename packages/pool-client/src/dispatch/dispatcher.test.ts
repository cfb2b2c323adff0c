import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { Backend } from '../backend/backend.ts';
import type { SendResult } from '../backend/exchange.ts';
import { backendView } from '../balancing/backend-view.test-support.ts';
import { strategyFor } from '../balancing/strategy-for.ts';
import { PoolError } from '../errors.ts';
import { jobOf, vectorsOf } from '../job.test-support.ts';
import { Dispatcher } from './dispatcher.ts';
import { DEFAULT_RETRY } from './next-step.ts';
import { RETRY_BUDGET, RetryBudget, SEARCH_BUDGET } from './retry-budget.ts';

const sent: string[] = [];
/** Embeds all but `bad`, and never answers `slow` when that is alone; `release` lets that fail. */
function fake(id: string) {
  const held = Promise.withResolvers<SendResult>();
  let inFlight = 0;
  const send = async (texts: readonly string[]): Promise<SendResult> => {
    sent.push(`${id}: ${texts.join(' ')}`);
    inFlight += 1;
    const result: SendResult = texts.includes('bad')
      ? {
          kind: 'failed',
          reason: 'input',
          message: 'bad',
          retryAfterMs: undefined,
          notUp: false,
          durationMs: 1,
        }
      : texts.join() === 'slow'
        ? await held.promise
        : { kind: 'vectors', vectors: vectorsOf(...texts.map((_, i) => i)), durationMs: 1 };
    inFlight -= 1;
    return result;
  };
  const backend = {
    id,
    state: 'serving',
    standing: { restsUntilMs: 0, blame: () => undefined },
    learned: { chunksPerSecond: 100, residual: 0, measured: true },
    view: () => backendView({ id, inFlightBatches: inFlight, freeMs: inFlight > 0 ? 1_000 : 0 }),
    expectMs: () => 10,
    blameSilence: () => undefined,
    probe: async () => true,
    trial: async () => undefined,
    send,
  } as unknown as Backend;
  return { backend, release: held.resolve };
}

it.each([false, true])(
  'the parked half of a search goes on when the caller of the tried one left (that one is late: %s)',
  async (late) => {
    sent.length = 0;
    const clock = new ManualClock(1_000);
    const fakes = [fake('a'), fake('b')];
    const dispatcher = new Dispatcher({
      clock,
      random: () => 0,
      strategy: strategyFor('least-work'),
      retry: DEFAULT_RETRY,
      budgets: { retries: new RetryBudget(RETRY_BUDGET), searches: new RetryBudget(SEARCH_BUDGET) },
      affinityWaitMs: 0,
      groupByLength: true,
      emit: () => undefined,
    });
    const onSettled = (job: Parameters<typeof dispatcher.queue.forget>[0]) => dispatcher.queue.forget(job);
    const [slow, bad] = [jobOf({ texts: ['slow'], onSettled }), jobOf({ texts: ['bad'], onSettled })];
    dispatcher.submit(slow);
    dispatcher.submit(bad);
    dispatcher.setBackends(fakes.slice(0, 1).map(({ backend }) => backend));
    await clock.advance(5);
    dispatcher.setBackends(fakes.map(({ backend }) => backend));
    await clock.advance(1);
    expect(sent.slice(-1)[0]).toMatch(/: slow$/);
    slow.failAll(new PoolError('POOL_ABORTED', 'gone'), clock.nowMs());
    if (late) await clock.advance(500); // counts as late after 70 ms
    for (const { release } of fakes) release({ kind: 'vectors', vectors: vectorsOf(1), durationMs: 1 });
    await clock.advance(60_000);
    expect({ settled: bad.done, waiting: dispatcher.queue.chunks }).toEqual({ settled: true, waiting: 0 });
    dispatcher.close();
  },
);

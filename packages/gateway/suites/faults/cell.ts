import { setTimeout as sleep } from 'node:timers/promises';
import { djlApi } from '../../test/apis.ts';
import type { BackendProcess } from './backend-process.ts';
import type { FaultCase } from './fault-cases.ts';
import { allServe } from './gateway-of.ts';
import { newTexts, type Outcome, sendOne, startLoad } from './load.ts';

/** How long each part of a cell sends, in milliseconds. */
export interface CellTimes {
  readonly warmUpMs: number;
  readonly calmMs: number;
  readonly faultyMs: number;
}

export const FULL_TIMES: CellTimes = { warmUpMs: 800, calmMs: 2_000, faultyMs: 4_000 };

/** What one cell of the matrix showed. */
export interface CellResult {
  readonly fault: string;
  readonly backends: number;
  /** Sent while all was well, and what became of them. */
  readonly calm: readonly Outcome[];
  /** Sent while one backend failed. */
  readonly faulty: readonly Outcome[];
  /** Single texts from the moment when the fault was cleared, one after the other until one is answered rightly. */
  readonly after: readonly Outcome[];
  /** Until all backends serve again after the fault was cleared. */
  readonly backMs: number;
  /** The longest delay of the load's own timers. */
  readonly lagMs: number;
}

export interface CellSetup {
  readonly fault: FaultCase;
  readonly backends: readonly BackendProcess[];
  /** The one that fails. */
  readonly struck: BackendProcess;
  readonly origin: string;
  readonly timeoutMs: number;
  readonly times?: CellTimes;
}

const BACK_WITHIN_MS = 30_000;
const AFTER_TIMEOUT_MS = 10_000;
const AFTER_PAUSE_MS = 50;

/** Runs one cell: load without the fault, with it on one backend, and none until all serve again. */
export async function runCell(setup: CellSetup): Promise<CellResult> {
  const { fault, backends, struck, origin, timeoutMs, times = FULL_TIMES } = setup;
  if (times.warmUpMs > 0) await startLoad({ origin, timeoutMs, forMs: times.warmUpMs }).outcomes;
  const calmLoad = startLoad({ origin, timeoutMs, forMs: times.calmMs });
  const calm = await calmLoad.outcomes;
  const faultyLoad = startLoad({ origin, timeoutMs, forMs: times.faultyMs });
  const clear = await fault.begin(struck);
  await faultyLoad.sent;
  await clear();
  const [backMs, after, faulty] = await Promise.all([
    allServe(origin, backends.length, BACK_WITHIN_MS),
    untilRight(origin),
    faultyLoad.outcomes,
  ]);
  const lagMs = Math.max(calmLoad.lagMs(), faultyLoad.lagMs());
  return { fault: fault.name, backends: backends.length, calm, faulty, after, backMs, lagMs };
}

async function untilRight(origin: string): Promise<readonly Outcome[]> {
  const startMs = performance.now();
  const outcomes: Outcome[] = [];
  while (outcomes.at(-1)?.verdict !== 'right' && performance.now() - startMs < AFTER_TIMEOUT_MS) {
    outcomes.push(await sendOne(origin, djlApi, newTexts(1), AFTER_TIMEOUT_MS, startMs));
    await sleep(AFTER_PAUSE_MS);
  }
  return outcomes;
}

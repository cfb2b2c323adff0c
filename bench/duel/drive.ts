import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@forebay/testing';
import { Caller, type Outcome } from './caller.ts';
import { Ledger, type StreamResult } from './ledger.ts';
import type { PreparedRequest } from './prepared-request.ts';
import type { Stream } from './workloads.ts';

/** One stretch of load on one rival. */
export interface Drive {
  /** Requests go to these in turn. */
  readonly urls: readonly URL[];
  readonly streams: readonly Stream[];
  readonly warmUpMs: number;
  readonly countedMs: number;
  /** Texts that the servers have worked on since they were last asked to forget. */
  readonly workedChunks: () => Promise<number>;
  readonly onCounting: (moment: 'begins' | 'ends') => void;
  readonly signal: AbortSignal;
}

/** What came back to all streams. */
export interface DriveResult {
  /** How long was counted. */
  readonly seconds: number;
  /** Texts that the servers worked on: all in all, and in a second while counting. */
  readonly workedChunks: number;
  readonly workedPerSecond: number;
  readonly streams: readonly StreamResult[];
}

/** Connections to one server at most; a request that finds none counts as failed. */
const MAX_CONNECTIONS = 4_096;
/** How long a caller of a closed loop waits after a failure. */
const BACK_OFF_MS = 10;

/** Puts a rival under all streams at once. Every answer is compared, also those of the warm-up. */
export async function drive({ urls, signal, ...plan }: Drive): Promise<DriveResult> {
  const servers = urls.map((url) => new Caller(url, MAX_CONNECTIONS));
  let turn = 0;
  const send = (bytes: Buffer, done: (outcome: Outcome) => void) => {
    turn = (turn + 1) % servers.length;
    servers[turn]?.send(bytes, done);
  };
  const stop = new AbortController();
  const ledgers = plan.streams.map((stream) => new Ledger(stream.name, stream.kind));
  try {
    plan.streams.forEach((stream, i) => {
      const ledger = ledgers[i] as Ledger; // one for each stream
      if (stream.kind === 'closed') startClosed(stream, ledger, send, stop.signal);
      else void runOpen(stream, ledger, send, stop.signal);
    });
    await sleep(plan.warmUpMs, undefined, { signal });
    plan.onCounting('begins');
    const before = await plan.workedChunks();
    const fromMs = performance.now();
    for (const ledger of ledgers) ledger.begin(fromMs);
    await sleep(plan.countedMs, undefined, { signal });
    const after = await plan.workedChunks();
    const toMs = performance.now();
    for (const ledger of ledgers) ledger.end(toMs);
    plan.onCounting('ends');
    stop.abort();
    while (ledgers.some((ledger) => ledger.awaits(performance.now()))) await sleep(10, undefined, { signal });
    const seconds = (toMs - fromMs) / 1_000;
    return {
      seconds,
      workedChunks: await plan.workedChunks(),
      workedPerSecond: (after - before) / seconds,
      streams: ledgers.map((ledger) => ledger.result()),
    };
  } finally {
    stop.abort();
    for (const server of servers) server.close();
  }
}

type Send = (bytes: Buffer, done: (outcome: Outcome) => void) => void;

function startClosed(
  stream: Extract<Stream, { kind: 'closed' }>,
  ledger: Ledger,
  send: Send,
  signal: AbortSignal,
): void {
  let next = 0;
  const call = () => {
    if (signal.aborted) return;
    const request = requestAt(stream, next);
    next += 1;
    const settle = ledger.opened(request, performance.now());
    send(request.bytes, (outcome) => {
      if (settle(outcome)) call();
      else setTimeout(call, BACK_OFF_MS);
    });
  };
  for (let caller = 0; caller < stream.callers; caller += 1) call();
}

async function runOpen(
  stream: Extract<Stream, { kind: 'open' }>,
  ledger: Ledger,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const random = seededRandom(1);
  let dueMs = performance.now();
  for (let next = 0; ; next += 1) {
    dueMs += (-Math.log(1 - random()) * 1_000) / stream.perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0.5) await sleep(waitMs);
    else if (next % 32 === 0) await setImmediate(); // answers are read while it catches up
    const request = requestAt(stream, next);
    if (!signal.aborted) send(request.bytes, ledger.opened(request, dueMs));
    else if (!ledger.missed(request, dueMs)) return;
  }
}

function requestAt({ requests }: Stream, next: number): PreparedRequest {
  return requests[next % requests.length] as PreparedRequest; // the index wraps
}

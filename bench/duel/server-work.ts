import type { Counters } from '@forebay/testing';
import type { RunningServer } from './rivals.ts';

/** Sets the counters of simulated servers to zero. */
export async function forgetWork(servers: readonly RunningServer[]): Promise<void> {
  await Promise.all(servers.map((server) => fetch(countersUrl(server), { method: 'DELETE' })));
}

/** Texts that simulated servers have worked on since then, those of running batches for the share of their time that has passed. */
export async function workedChunks(servers: readonly RunningServer[]): Promise<number> {
  const work = await Promise.all(
    servers.map(async (server) => {
      const response = await fetch(countersUrl(server));
      const { textsComputed, textsUnderWay } = (await response.json()) as Counters; // it is our own program
      return textsComputed + textsUnderWay;
    }),
  );
  return work.reduce((sum, chunks) => sum + chunks, 0);
}

/** Resolves when every server has answered a text that was sent after all the rest: what callers left behind is done. */
export async function settle(servers: readonly RunningServer[], signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SETTLE_LIMIT_MS)]);
  const body = '{"inputs":["Are you done?"]}';
  const headers = { 'content-type': 'application/json' };
  await Promise.all(
    servers.map(async ({ djlUrl }) => {
      const response = await fetch(djlUrl, { method: 'POST', headers, body, signal: limit });
      await response.arrayBuffer();
    }),
  );
}

const SETTLE_LIMIT_MS = 20_000;

function countersUrl({ djlUrl }: RunningServer): URL {
  return new URL('/_sim/counters', djlUrl);
}

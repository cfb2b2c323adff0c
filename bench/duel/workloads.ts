import { seededRandom } from '@forebay/testing';
import { type PreparedRequest, prepareRequests } from './prepared-request.ts';

/** Callers who all do the same. */
export type Stream = {
  readonly name: string;
  readonly requests: readonly PreparedRequest[];
} & (
  | /** Each of so many callers sends its next request when it has its answer. */ {
      readonly kind: 'closed';
      readonly callers: number;
    }
  | /** Requests come when they come (exponential gaps, the same in every round), whatever becomes of those before. */ {
      readonly kind: 'open';
      readonly perSecond: number;
    }
);

/** What all rivals are put under. */
export interface Workload {
  /** As it is called on the command line. */
  readonly name: string;
  /** As it is called in the picture. */
  readonly title: string;
  readonly about: string;
  /** How long it takes to see something: large requests are few, and where small ones wait behind them queues build up for seconds. */
  readonly stretch: 'short' | 'long' | 'longest';
  /** The first is the one whose latencies are told. Made when it is needed. */
  readonly streams: () => readonly [Stream, ...Stream[]];
  /** The stream whose chunks count. */
  readonly counted: string;
  /** The workload that is the same but for what disturbs it here. */
  readonly undisturbed?: string;
}

const SINGLES = Array.from({ length: 2048 }, () => 1);
const PAGES = Array.from({ length: 16 }, () => 1_000);

/** Everything that `pnpm bench:duel` measures. */
export const WORKLOADS: readonly Workload[] = [
  singles(256),
  singles(1_024),
  {
    name: 'singles-open',
    title: 'single texts, 2,916 requests/s whatever happens',
    about:
      'single texts in an open loop: 2,916 requests/s come at random moments, however many are still unanswered',
    stretch: 'short',
    streams: () => [{ name: 'singles', kind: 'open', perSecond: 2_916, requests: prepareRequests(SINGLES) }],
    counted: 'singles',
  },
  {
    name: 'thousands',
    title: '4 callers with 1,000 texts a request',
    about: '4 callers in a closed loop, each request with 1,000 texts and `x-forebay-priority: bulk`',
    stretch: 'long',
    streams: () => [bulk()],
    counted: 'bulk',
  },
  {
    name: 'mix',
    title: '64 callers with 1 to 1,000 texts a request',
    about:
      '64 callers in a closed loop; 60 % of the requests have one text, 25 % 2 to 32, 12 % 33 to 128, 3 % 129 to 1,000 (31 on average)',
    stretch: 'longest',
    streams: () => [
      { name: 'mix', kind: 'closed', callers: 64, requests: prepareRequests(mixedSizes(512, 1)) },
    ],
    counted: 'mix',
  },
  {
    name: 'interactive',
    title: 'single queries beside 4 callers with 1,000 texts',
    about:
      '30 single texts a second (open loop, `x-forebay-priority: interactive`) beside the 4 callers with 1,000 texts of `thousands`; latencies are those of the single texts, chunks/s those of the bulk job',
    stretch: 'long',
    streams: () => [
      {
        name: 'queries',
        kind: 'open',
        perSecond: 30,
        requests: prepareRequests(SINGLES, { 'x-forebay-priority': 'interactive' }),
      },
      bulk(),
    ],
    counted: 'bulk',
    undisturbed: 'thousands',
  },
];

/** Sizes of requests in a mix: the share that has so many texts at least and at most. */
const MIX = [
  { share: 0.6, from: 1, to: 1 },
  { share: 0.25, from: 2, to: 32 },
  { share: 0.12, from: 33, to: 128 },
  { share: 0.03, from: 129, to: 1_000 },
] as const;

/** So many sizes: queries, pages and a few whole documents; always the same for one seed. */
export function mixedSizes(howMany: number, seed: number): readonly number[] {
  const random = seededRandom(seed);
  return Array.from({ length: howMany }, () => {
    let left = random();
    const kind = MIX.find(({ share }) => {
      left -= share;
      return left < 0;
    });
    const { from, to } = kind ?? MIX[0];
    return from + Math.floor(random() * (to - from + 1));
  });
}

function singles(callers: number): Workload {
  const shown = callers.toLocaleString('en-US');
  return {
    name: `singles-${callers}`,
    title: `${shown} callers with single texts`,
    about: `${shown} callers in a closed loop, one text a request`,
    stretch: 'short',
    streams: () => [{ name: 'singles', kind: 'closed', callers, requests: prepareRequests(SINGLES) }],
    counted: 'singles',
  };
}

function bulk(): Stream {
  const requests = prepareRequests(PAGES, { 'x-forebay-priority': 'bulk' });
  return { name: 'bulk', kind: 'closed', callers: 4, requests };
}

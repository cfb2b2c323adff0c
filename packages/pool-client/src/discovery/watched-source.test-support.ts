import type { Clock } from '../clock.ts';
import { TransportError, type TransportFactory } from '../wire/transport.ts';
import { type AddressPolicy, parseAllowedBackends } from './address-policy.ts';
import type { BackendSource, SourceDependencies, SourceSnapshot } from './backend-source.ts';

/** A clock that a test moves. */
interface SteppedClock extends Clock {
  advance(ms: number): Promise<void>;
}

/** A snapshot in a form that tests can show whole: entries as `id` or `id state`. */
export type BriefSnapshot =
  | Extract<SourceSnapshot, { kind: 'pending' }>
  | (Omit<Extract<SourceSnapshot, { kind: 'listed' }>, 'entries'> & { readonly ids: readonly string[] });

/** A source that runs in a test. */
export interface WatchedSource<TestClock extends SteppedClock> {
  readonly clock: TestClock;
  readonly network: FakeNetwork;
  readonly source: BackendSource;
  readonly snapshots: readonly SourceSnapshot[];
  /** The last report. */
  readonly latest: () => BriefSnapshot | undefined;
  /** Begins, once the world is set up, and lets what can happen at once happen. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Sets a source up on the test's clock and a network of its own, to keep what it reports. */
export function watchSource<TestClock extends SteppedClock>(
  clock: TestClock,
  make: (dependencies: SourceDependencies) => BackendSource,
  policy: AddressPolicy = parseAllowedBackends(),
): WatchedSource<TestClock> {
  const network = new FakeNetwork();
  const source = make({ clock, transportFactory: network.factory, policy });
  const abort = new AbortController();
  const snapshots: SourceSnapshot[] = [];
  let running: Promise<void> | undefined;
  return {
    clock,
    network,
    source,
    snapshots,
    latest: () => {
      const last = snapshots.at(-1);
      return last && brief(last);
    },
    start: async () => {
      running = source.run((snapshot) => snapshots.push(snapshot), abort.signal);
      await clock.advance(0);
    },
    stop: async () => {
      abort.abort();
      await running;
    },
  };
}

/** Shortens a snapshot to what tests compare. */
export function brief(snapshot: SourceSnapshot): BriefSnapshot {
  if (snapshot.kind !== 'listed') return snapshot;
  const { entries, ...rest } = snapshot;
  return { ...rest, ids: entries.map(({ id, state }) => (state === 'ready' ? id : `${id} ${state}`)) };
}

type Answer = { readonly status?: number; readonly body: unknown } | 'refused' | 'silent';

/** A network of servers by URL; what it has no answer for refuses the connection. */
export class FakeNetwork {
  readonly answers: Map<string, Answer> = new Map();
  readonly asked: { readonly url: string; readonly headers: Readonly<Record<string, string>> }[] = [];
  openTransports = 0;

  readonly factory: TransportFactory = (origin) => {
    this.openTransports += 1;
    return {
      send: async ({ path, headers, signal }) => {
        const url = origin + path;
        this.asked.push({ url, headers });
        const answer = this.answers.get(url) ?? 'refused';
        if (answer === 'refused') throw new TransportError('connect', `connect ECONNREFUSED ${origin}`);
        if (answer === 'silent') {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          throw new TransportError('aborted', 'aborted');
        }
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        return { status: answer.status ?? 200, headers: {}, body: Buffer.from(text) };
      },
      close: async () => {
        this.openTransports -= 1;
      },
    };
  };

  /** Lets a DJL server list these models. */
  serve(origin: string, ...models: readonly string[]): void {
    this.answers.set(`${origin}/models`, { body: { models: models.map((modelName) => ({ modelName })) } });
  }

  countOf(url: string): number {
    return this.asked.filter((request) => request.url === url).length;
  }
}

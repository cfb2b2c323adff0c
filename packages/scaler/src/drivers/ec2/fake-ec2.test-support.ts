import type { Ec2Api, Ec2Instance, RunInstanceRequest } from '../../aws/ec2-api.ts';
import { toAwsError } from '../../aws/to-aws-error.ts';
import type { Clock } from '../../clock.ts';

/** How this EC2 behaves. */
export interface FakeEc2Options {
  readonly clock: Clock;
  /** How far lists, and the knowledge of ids, are behind what is. @default 0 */
  readonly lagMs?: number;
  /** From launch to `running`. @default 0 */
  readonly pendingMs?: number;
  /** From the order to end to `terminated`. @default 0 */
  readonly shutdownMs?: number;
  /** First number of every instance's address; with 127 a test can have them answer. @default 10 */
  readonly network?: number;
  /** Instances per page. @default 500 */
  readonly pageSize?: number;
  /** What a token of an instance that has ended meets: the instance itself, or `IdempotentInstanceTerminated`; AWS documents both. @default returns */
  readonly usedToken?: 'returns' | 'refuses';
}

/** What one call meets. `lost`: it has its effect, and no answer comes. */
export type Ec2Fault =
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused'; readonly name: string; readonly httpStatusCode?: number };

/** The market an instance is bought on. */
type Market = 'spot' | 'on-demand';

interface Ending {
  readonly kind: 'terminated' | 'stopped';
  readonly atMs: number;
  readonly code: string;
}

interface FakeInstance {
  readonly instanceId: string;
  readonly market: Market;
  readonly tags: Readonly<Record<string, string>>;
  readonly launchedAtMs: number;
  readonly subnetId?: string;
  readonly instanceType?: string;
  readonly endings: readonly Ending[];
}

/** On the way to an end, and at it. */
const STATES = {
  terminated: ['shutting-down', 'terminated'],
  stopped: ['stopping', 'stopped'],
} as const;

/** Terminated instances are listed for about so long. */
const LISTED_AFTER_END_MS = 3_600_000;

/**
 * EC2 in memory, behind our own interface, for what moto can't do: tokens, lists that lag, start-up times, lack of capacity, throttling, spot interruptions, lost
 * answers. It is as EC2's documentation says, and nobody has compared it with EC2 itself. Several APIs over one stand for several processes.
 */
export class FakeEc2 {
  readonly #options: Required<FakeEc2Options>;
  /** Room for more of each market, the template's type and all subnets together, unless a place is closed. */
  readonly room: Record<Market, number> = {
    spot: Number.POSITIVE_INFINITY,
    'on-demand': Number.POSITIVE_INFINITY,
  };
  /** Instances that never answer; who probes them asks. */
  readonly mute = new Set<string>();
  /** Subnets and instance types without room. */
  readonly closedPlaces = new Set<string>();
  /** Every call that came, in order. */
  readonly calls: { readonly kind: keyof FakeFaults; readonly about: string }[] = [];
  readonly #faults: FakeFaults = { run: [], describe: [], terminate: [] };
  /** Also of launches that there was no room for: then without an instance. */
  readonly #tokens = new Map<
    string,
    { readonly parameters: string; readonly instanceId: string | undefined }
  >();
  #instances: readonly FakeInstance[] = [];
  /** Instances that lists lack. */
  readonly hidden = new Set<string>();
  /** Never to be terminated, as with termination protection. */
  readonly protectedIds = new Set<string>();

  constructor(options: FakeEc2Options) {
    this.#options = {
      lagMs: 0,
      pendingMs: 0,
      shutdownMs: 0,
      pageSize: 500,
      usedToken: 'returns',
      network: 10,
      ...options,
    };
  }

  /** What the next calls of this kind meet, one each; `undefined` lets one pass. */
  script(call: keyof FakeFaults, ...faults: readonly (Ec2Fault | undefined)[]): void {
    this.#faults[call].push(...faults);
  }

  /** A connection of its own, as of a process. */
  api(): Ec2Api {
    return {
      runInstance: (request, signal) =>
        this.#meet('run', request.tags['forebay:replica'] ?? '', signal, () => this.#run(request)),
      describePage: (tags, pageToken, signal) =>
        this.#meet('describe', pageToken ?? 'first', signal, () =>
          this.#describe(tags, Number(pageToken ?? 0)),
        ),
      terminate: (ids, signal) => this.#meet('terminate', ids.join(' '), signal, () => this.#terminate(ids)),
      close: async () => undefined,
    };
  }

  /** Those that are not ended, whatever a list says. */
  living(market?: Market): readonly FakeInstance[] {
    return this.#instances.filter(
      (each) =>
        (market ?? each.market) === each.market && each.endings.every(({ kind }) => kind !== 'terminated'),
    );
  }

  /** All that ever were launched. */
  get history(): readonly FakeInstance[] {
    return this.#instances;
  }

  /** An instance that somebody launches past the scaler. */
  launchByHand(tags: Readonly<Record<string, string>>): string {
    return this.#add({ market: 'on-demand', tags });
  }

  /** Ended by the platform or by a hand; `code` is EC2's reason. */
  end(
    instanceId: string,
    code: string = 'Client.UserInitiatedShutdown',
    kind: Ending['kind'] = 'terminated',
  ): void {
    const atMs = this.#options.clock.nowMs();
    this.#instances = this.#instances.map((each) =>
      each.instanceId === instanceId ? { ...each, endings: [...each.endings, { kind, atMs, code }] } : each,
    );
  }

  #run({ clientToken, ...request }: RunInstanceRequest): Ec2Instance {
    const nowMs = this.#options.clock.nowMs();
    if (clientToken.length > 64) throw awsError('InvalidParameterValue', 'the client token is too long');
    const parameters = JSON.stringify(request);
    const used = this.#tokens.get(clientToken);
    if (used !== undefined && used.parameters !== parameters)
      throw awsError('IdempotentParameterMismatch', 'other parameters');
    if (used?.instanceId !== undefined) {
      const instance = this.#instances.find(({ instanceId }) => instanceId === used.instanceId);
      if (instance === undefined) throw new Error('a token without an instance');
      const shown = this.#shown(instance, nowMs);
      if (shown.state === 'terminated' && this.#options.usedToken === 'refuses') {
        throw awsError('IdempotentInstanceTerminated', `${used.instanceId} has ended`);
      }
      return shown;
    }
    const market = request.spot ? 'spot' : 'on-demand';
    const closed = [request.instanceType, request.subnetId].some((place) =>
      this.closedPlaces.has(place ?? ''),
    );
    if (closed || this.room[market] <= 0) {
      this.#tokens.set(clientToken, { parameters, instanceId: undefined });
      throw awsError('InsufficientInstanceCapacity', `no ${market} room`, 500);
    }
    this.room[market] -= 1;
    const { tags, subnetId, instanceType } = request;
    const instanceId = this.#add({
      market,
      tags,
      ...(subnetId !== undefined && { subnetId }),
      ...(instanceType !== undefined && { instanceType }),
    });
    this.#tokens.set(clientToken, { parameters, instanceId });
    return this.#shown(this.#instances.at(-1)!, nowMs); // `!`: it was just added
  }

  #describe(tags: Readonly<Record<string, string>>, from: number) {
    const atMs = this.#options.clock.nowMs() - this.#options.lagMs;
    const matching = this.#instances
      .filter(
        (each) =>
          each.launchedAtMs <= atMs &&
          !this.hidden.has(each.instanceId) &&
          Object.entries(tags).every(([key, value]) => each.tags[key] === value),
      )
      .filter(({ endings }) =>
        endings.every(({ kind, atMs: ended }) => kind === 'stopped' || atMs - ended < LISTED_AFTER_END_MS),
      )
      .map((each) => this.#shown(each, atMs));
    const until = from + this.#options.pageSize;
    const instances = matching.slice(from, until);
    return until < matching.length ? { instances, nextToken: String(until) } : { instances };
  }

  #terminate(ids: readonly string[]): void {
    const knownBeforeMs = this.#options.clock.nowMs() - this.#options.lagMs;
    const known = this.#instances.filter(({ launchedAtMs }) => launchedAtMs <= knownBeforeMs);
    const unknown = ids.filter((id) => !known.some(({ instanceId }) => instanceId === id));
    if (unknown.length > 0) {
      // EC2 names them, but only so many of them.
      throw awsError(
        'InvalidInstanceID.NotFound',
        `The instance IDs '${unknown.slice(0, 3).join(', ')}' do not exist`,
      );
    }
    const kept = ids.find((id) => this.protectedIds.has(id));
    if (kept !== undefined)
      throw awsError('OperationNotPermitted', `The instance '${kept}' may not be terminated.`);
    for (const id of ids) if (this.living().some(({ instanceId }) => instanceId === id)) this.end(id);
  }

  #add(instance: Omit<FakeInstance, 'instanceId' | 'launchedAtMs' | 'endings'>): string {
    const instanceId = `i-${(this.#instances.length + 1).toString(16).padStart(17, '0')}`;
    const launchedAtMs = this.#options.clock.nowMs();
    this.#instances = [...this.#instances, { ...instance, instanceId, launchedAtMs, endings: [] }];
    return instanceId;
  }

  /** As it was at a time. */
  #shown({ instanceId, market, tags, launchedAtMs, endings }: FakeInstance, atMs: number): Ec2Instance {
    const { pendingMs, shutdownMs, network } = this.#options;
    const ending = endings.filter((each) => each.atMs <= atMs).at(-1);
    const over = ending !== undefined && atMs - ending.atMs >= shutdownMs;
    const state =
      ending === undefined
        ? atMs - launchedAtMs >= pendingMs
          ? 'running'
          : 'pending'
        : STATES[ending.kind][over ? 1 : 0];
    const gone = state === 'terminated' || state === 'shutting-down';
    return {
      instanceId,
      state,
      launchedAtMs: Math.floor(launchedAtMs / 1_000) * 1_000,
      tags,
      spot: market === 'spot',
      ...(!gone && {
        privateAddress: addressOf(instanceId, network),
        publicAddress: addressOf(instanceId, 54),
      }),
      ...(ending && { stateReason: { code: ending.code, message: `${ending.code}: it ended` } }),
    };
  }

  async #meet<T>(kind: keyof FakeFaults, about: string, signal: AbortSignal, act: () => T): Promise<T> {
    this.calls.push({ kind, about });
    const what = `${kind} ${about}`;
    // An answer takes a turn, so that calls made side by side are really side by side.
    await Promise.resolve();
    try {
      signal.throwIfAborted();
      const fault = this.#faults[kind].shift();
      if (fault?.kind === 'refused') throw awsError(fault.name, 'refused', fault.httpStatusCode);
      const answer = act();
      await Promise.resolve();
      if (fault?.kind === 'lost') throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      return answer;
    } catch (error) {
      throw toAwsError(error, what, signal);
    }
  }
}

interface FakeFaults {
  readonly run: (Ec2Fault | undefined)[];
  readonly describe: (Ec2Fault | undefined)[];
  readonly terminate: (Ec2Fault | undefined)[];
}

/** The address of an instance. */
export function addressOf(instanceId: string, network: number = 10): string {
  const number = Number.parseInt(instanceId.slice(2), 16);
  return `${network}.0.${number >> 8}.${number & 255}`;
}

/** An error as the SDK throws it. */
function awsError(name: string, message: string, httpStatusCode: number = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

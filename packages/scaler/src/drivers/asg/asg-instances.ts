import type { AutoScalingGroup } from '../../aws/auto-scaling-api.ts';
import type { InstanceAddress, InstanceAddresses } from '../../aws/describe-instances.ts';
import type { ObservedReplica } from '../../values/replica.ts';
import type { Ping } from '../process/ping.ts';
import { Answers, FORGIVEN } from './answers.ts';
import type { AsgOptions } from './asg-options.ts';
import { instanceState } from './instance-state.ts';

/** Instances of one group as replicas: where they are, and whether their model server answers. */
export class AsgInstances {
  readonly #options: AsgOptions;
  readonly #ec2: InstanceAddresses;
  readonly #ping: Ping;
  readonly #answers = new Answers();
  /** An address stays for as long as its instance: each is asked for until it is known. */
  #known: ReadonlyMap<string, InstanceAddress> = new Map();

  constructor(options: AsgOptions, ec2: InstanceAddresses, ping: Ping) {
    this.#options = options;
    this.#ec2 = ec2;
    this.#ping = ping;
  }

  async observe({ instances }: AutoScalingGroup, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    const seen = instances.flatMap(({ id, ...instance }) => {
      const state = instanceState({ id, ...instance });
      return state === undefined ? [] : [{ id, state, lifecycle: instance.lifecycle }];
    });
    await this.#locate(
      seen.map(({ id }) => id),
      signal,
    );
    const inService = seen.filter(({ state }) => state === 'in-service').map(({ id }) => id);
    await this.#askAll(inService, signal);
    return seen.map(({ id, state, lifecycle }): ObservedReplica => {
      const { privateIp, launchedAtMs, lifecycle: kind } = this.#known.get(id) ?? {};
      const asked = state === 'in-service' ? this.#answers.stateOf(id) : state;
      const where = privateIp === undefined ? ', no address yet' : '';
      return {
        id,
        machine: id,
        state: asked,
        ...(privateIp !== undefined && { url: this.#url(privateIp, this.#options.path) }),
        ...(launchedAtMs !== undefined && { launchedAtMs }),
        note: `${lifecycle}${kind === 'spot' ? ', spot' : ''}${state === 'unhealthy' ? ', unhealthy to its group' : ''}${where}`,
      };
    });
  }

  async #locate(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const kept = ids.flatMap((id) => {
      const known = this.#known.get(id);
      return known === undefined ? [] : [[id, known] as const];
    });
    const missing = ids.filter((id) => this.#known.get(id)?.privateIp === undefined);
    const found = missing.length === 0 ? [] : await this.#ec2.instanceAddresses(missing, signal);
    this.#known = new Map([...kept, ...found]);
  }

  async #askAll(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const { healthPath } = this.#options;
    const answers = await Promise.all(
      ids.map(async (id): Promise<[string, boolean]> => {
        const { privateIp } = this.#known.get(id) ?? {};
        if (privateIp === undefined) return [id, false];
        return [id, healthPath === false || (await this.#isUp(this.#url(privateIp, healthPath), signal))];
      }),
    );
    signal.throwIfAborted(); // answers that were cut off say nothing
    this.#answers.take(new Map(answers));
  }

  /** The first time nobody knows who has answered before, as after a restart: silence must last then too. */
  async #isUp(healthUrl: string, signal: AbortSignal): Promise<boolean> {
    const tries = this.#answers.areKnown ? 1 : 1 + FORGIVEN;
    for (let tried = 0; tried < tries && !signal.aborted; tried += 1)
      if (await this.#ping(healthUrl, signal)) return true;
    return false;
  }

  #url(host: string, path: string): string {
    return `${this.#options.scheme}://${host}:${this.#options.port}${path}`;
  }
}

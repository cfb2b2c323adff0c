import type { ObservedReplica } from '../values/replica.ts';
import type { Samples } from '../values/sample.ts';
import type { Driver, ScaleOrder } from './driver.ts';
import { EcsGroup, type EcsParts } from './ecs/ecs-group.ts';
import type { EcsOptions } from './ecs/ecs-options.ts';
import { toDriverError } from './to-driver-error.ts';

/** Replicas as tasks of ECS services, which start and replace them; this driver sets how many, and which go. */
export class EcsDriver implements Driver {
  readonly name = 'ecs';
  readonly namesReplicas = false;
  /** By task protection; else ECS chooses. */
  readonly choosesRemoved: boolean;
  readonly strangers = 'adopt';
  readonly listGraceSeconds = 30;
  readonly leastTickSeconds = 5;
  readonly scales: string;
  readonly #parts: EcsParts;
  readonly #groups: ReadonlyMap<string, EcsGroup>;

  /** @param groups each group's options by its name; the driver closes what it is given in `parts` */
  constructor(groups: ReadonlyMap<string, EcsOptions>, parts: EcsParts) {
    this.#parts = parts;
    this.scales = [...groups.values()]
      .map(
        ({ cluster, service, region }) =>
          `ECS service ${service} of ${cluster.split('/').at(-1)} in ${region ?? 'the default region'}`,
      )
      .join(', ');
    this.choosesRemoved = [...groups.values()].every(({ taskProtection }) => taskProtection);
    this.#groups = new Map([...groups].map(([name, options]) => [name, new EcsGroup(name, options, parts)]));
  }

  async list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    try {
      return await this.#of(group).list(signal);
    } catch (error) {
      throw toDriverError(error, `listing the tasks of group "${group}"`, signal);
    }
  }

  async scale(order: ScaleOrder, signal: AbortSignal): Promise<void> {
    try {
      await this.#of(order.group).scale(order, signal);
    } catch (error) {
      throw toDriverError(error, `scaling group "${order.group}" to ${order.desired} tasks`, signal);
    }
  }

  measure(group: string, signal: AbortSignal): Promise<Samples> {
    return this.#of(group).measure(signal);
  }

  async close(): Promise<void> {
    const { ecs, instances, scaling, cloudWatch } = this.#parts;
    await Promise.all([ecs.close(), instances.close(), scaling.close(), cloudWatch.close()]);
  }

  #of(name: string): EcsGroup {
    const group = this.#groups.get(name);
    if (group === undefined) throw new Error(`group ${name} is not this driver's`);
    return group;
  }
}

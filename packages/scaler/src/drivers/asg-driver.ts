import type { ObservedReplica } from '../values/replica.ts';
import type { Samples } from '../values/sample.ts';
import { AsgGroup, type AsgParts } from './asg/asg-group.ts';
import type { AsgOptions } from './asg/asg-options.ts';
import type { Driver, ScaleOrder } from './driver.ts';
import { toDriverError } from './to-driver-error.ts';

/** Replicas as EC2 instances of Auto Scaling groups, which launch and replace them; this driver sets how many, and which go. */
export class AsgDriver implements Driver {
  readonly name = 'asg';
  readonly namesReplicas = false;
  readonly choosesRemoved = true;
  readonly strangers = 'adopt';
  readonly listGraceSeconds = 30;
  readonly leastTickSeconds = 5;
  readonly startsOnce = true;
  readonly scales: string;
  readonly #parts: AsgParts;
  readonly #groups: ReadonlyMap<string, AsgGroup>;

  /** @param groups each group's options by its name; the driver closes what it is given in `parts` */
  constructor(groups: ReadonlyMap<string, AsgOptions>, parts: AsgParts) {
    this.#parts = parts;
    this.scales = [...groups.values()]
      .map(
        ({ autoScalingGroupName, region }) =>
          `Auto Scaling group ${autoScalingGroupName} in ${region ?? 'the default region'}`,
      )
      .join(', ');
    this.#groups = new Map([...groups].map(([name, options]) => [name, new AsgGroup(name, options, parts)]));
  }

  async list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    try {
      return await this.#of(group).list(signal);
    } catch (error) {
      throw toDriverError(error, `listing the instances of group "${group}"`, signal);
    }
  }

  async scale(order: ScaleOrder, signal: AbortSignal): Promise<void> {
    try {
      await this.#of(order.group).scale(order, signal);
    } catch (error) {
      throw toDriverError(error, `scaling group "${order.group}" to ${order.desired} instances`, signal);
    }
  }

  measure(group: string, signal: AbortSignal): Promise<Samples> {
    return this.#of(group).measure(signal);
  }

  async close(): Promise<void> {
    const { autoScaling, ec2, cloudWatch } = this.#parts;
    await Promise.all([autoScaling.close(), ec2.close(), cloudWatch.close()]);
  }

  #of(name: string): AsgGroup {
    const group = this.#groups.get(name);
    if (group === undefined) throw new Error(`group ${name} is not this driver's`);
    return group;
  }
}

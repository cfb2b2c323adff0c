import type { AutoScalingApi, AutoScalingGroup } from '../../aws/auto-scaling-api.ts';
import type { CloudWatchApi } from '../../aws/cloudwatch-api.ts';
import type { InstanceAddresses } from '../../aws/describe-instances.ts';
import { PacedMetrics } from '../../aws/paced-metrics.ts';
import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';
import type { ObservedReplica } from '../../values/replica.ts';
import type { Sample, Samples } from '../../values/sample.ts';
import type { DriverEvent, ScaleOrder } from '../driver.ts';
import type { Ping } from '../process/ping.ts';
import { AsgInstances } from './asg-instances.ts';
import type { AsgOptions } from './asg-options.ts';
import { type AsgPlan, asgPlan } from './asg-plan.ts';
import { ForeignWatch } from './foreign-watch.ts';
import { launchStanding } from './launch-standing.ts';

/** Whom an Auto Scaling group is scaled through. */
export interface AsgParts {
  readonly autoScaling: AutoScalingApi;
  readonly ec2: InstanceAddresses;
  readonly cloudWatch: CloudWatchApi;
  readonly ping: Ping;
  readonly clock: Clock;
  readonly onEvent: (event: DriverEvent) => void;
}

/** A failed launch older than this says nothing about those that are missing now. */
const FAILURE_COUNTS_MS = 600_000;
/** Removals are asked for so many at a time: AWS allows a few calls a second. */
const REMOVALS_AT_ONCE = 5;

/** One group of ours over one Auto Scaling group. */
export class AsgGroup {
  readonly #name: string;
  readonly #options: AsgOptions;
  readonly #parts: AsgParts;
  readonly #instances: AsgInstances;
  readonly #metrics: PacedMetrics;
  readonly #foreign: ForeignWatch;
  #raisedAtMs = 0;
  #saidKept = '';

  constructor(name: string, options: AsgOptions, parts: AsgParts) {
    const { autoScalingGroupName, metricPeriodSeconds } = options;
    this.#name = name;
    this.#options = options;
    this.#parts = parts;
    this.#instances = new AsgInstances(options, parts.ec2, parts.ping);
    this.#foreign = new ForeignWatch(options, parts, (message) => this.#warn(message));
    this.#metrics = new PacedMetrics(parts.cloudWatch, [
      {
        namespace: 'AWS/EC2',
        name: 'CPUUtilization',
        dimensions: { AutoScalingGroupName: autoScalingGroupName },
        statistic: 'Average',
        periodSeconds: metricPeriodSeconds,
      },
    ]);
  }

  async list(signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    return this.#instances.observe(await this.#read(signal), signal);
  }

  async measure(signal: AbortSignal): Promise<Samples> {
    const [sample] = await this.#metrics.read(this.#parts.clock.nowMs(), signal);
    return { cpu_percent: sample as Sample }; // it has one for each query
  }

  async scale(order: ScaleOrder, signal: AbortSignal): Promise<void> {
    const group = await this.#read(signal);
    await this.#foreign.check(group, signal);
    const mayEnd = !group.suspended.has('Terminate');
    const plan = asgPlan(group, mayEnd ? order : { ...order, remove: [] });
    this.#tellKept(plan);
    const failures = await this.#end(plan, signal);
    await this.#setDesired(group, plan, signal);
    for (const failure of failures) throw failure;
    if (!mayEnd && asgPlan(group, order).end.length > 0) throw this.#suspended(group, 'Terminate');
    await this.#explain(group, plan, signal);
  }

  async #read(signal: AbortSignal): Promise<AutoScalingGroup> {
    const { autoScalingGroupName, region } = this.#options;
    const group = await this.#parts.autoScaling.group(autoScalingGroupName, signal);
    if (group !== undefined) return group;
    const message = `group ${this.#name}: there is no Auto Scaling group ${autoScalingGroupName} in ${region ?? "the SDK's default region"}: check autoScalingGroupName, region and the account`;
    throw new ScalerError('SCALER_DRIVER_FAILED', message);
  }

  /** What failed; those that are gone are fine. */
  async #end({ end }: AsgPlan, signal: AbortSignal): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (let from = 0; from < end.length; from += REMOVALS_AT_ONCE) {
      const settled = await Promise.allSettled(
        end
          .slice(from, from + REMOVALS_AT_ONCE)
          .map(({ id, decrement }) => this.#parts.autoScaling.terminate(id, { decrement }, signal)),
      );
      failures.push(
        ...settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])),
      );
      // Throttled or out of reach: the rest would fare no better, and is ordered again.
      if (failures.length > 0) break;
    }
    return failures;
  }

  async #setDesired(group: AutoScalingGroup, plan: AsgPlan, signal: AbortSignal): Promise<void> {
    const { autoScaling, clock } = this.#parts;
    // Another may have done some of it: then the count isn't what the plan made of it.
    const { desired } = plan.end.length === 0 ? group : await this.#read(signal);
    if (desired === plan.target) return;
    if (desired > plan.target) {
      // Lowered while launches are under way, AWS would end as many, and choose which.
      const standing = launchStanding(await autoScaling.activities(group.name, signal), 0);
      if (standing.kind === 'under-way') return;
    } else {
      this.#raisedAtMs = clock.nowMs();
    }
    await autoScaling.setDesired(group.name, plan.target, signal);
  }

  /** Throws what keeps the order from being met. */
  async #explain(group: AutoScalingGroup, plan: AsgPlan, signal: AbortSignal): Promise<void> {
    const { name, minSize, maxSize, desired, suspended } = group;
    const { wanted, target, survivors, end } = plan;
    if (wanted > maxSize) {
      const message = `group ${this.#name} is to have ${wanted} replicas, but MaxSize of Auto Scaling group ${name} is ${maxSize}: raise MaxSize, or set max of the group to ${maxSize}`;
      throw new ScalerError('SCALER_DRIVER_CAPACITY', message);
    }
    if (wanted < minSize) {
      const message = `group ${this.#name} is to have ${wanted} replicas, but MinSize of Auto Scaling group ${name} is ${minSize}: lower MinSize, or set min of the group to ${minSize}`;
      throw new ScalerError('SCALER_DRIVER_FAILED', message);
    }
    if (target <= survivors) return;
    if (suspended.has('Launch')) throw this.#suspended(group, 'Launch');
    if (desired !== target || end.length > 0) return;
    const { autoScaling, clock } = this.#parts;
    const sinceMs = Math.max(this.#raisedAtMs, clock.nowMs() - FAILURE_COUNTS_MS);
    const standing = launchStanding(await autoScaling.activities(name, signal), sinceMs);
    if (standing.kind !== 'failed') return;
    const message = `Auto Scaling group ${name} has ${survivors} of ${target} instances, and the last launch failed: ${standing.because}`;
    throw new ScalerError('SCALER_DRIVER_CAPACITY', message, { retryable: true });
  }

  #suspended({ name, suspended }: AutoScalingGroup, process: 'Launch' | 'Terminate'): ScalerError {
    const reason = suspended.get(process) ?? '';
    const message = `process ${process} of Auto Scaling group ${name} is suspended${reason === '' ? '' : ` (${reason})`}: resume it, or pause group ${this.#name}`;
    return new ScalerError('SCALER_DRIVER_FAILED', message);
  }

  #tellKept({ kept }: AsgPlan): void {
    const ids = kept.join(', ');
    if (ids !== '' && ids !== this.#saidKept) {
      this.#warn(
        `${ids} of Auto Scaling group ${this.#options.autoScalingGroupName} should go, but somebody protected it from scale-in: it stays, and gets no new work, until the protection is taken away`,
      );
    }
    this.#saidKept = ids;
  }

  #warn(message: string): void {
    this.#parts.onEvent({ kind: 'warned', group: this.#name, message });
  }
}

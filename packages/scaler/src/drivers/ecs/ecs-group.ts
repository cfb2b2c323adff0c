import type { ApplicationAutoScalingApi } from '../../aws/application-auto-scaling-api.ts';
import type { CloudWatchApi } from '../../aws/cloudwatch-api.ts';
import type { ObservedReplica } from '../../values/replica.ts';
import type { Samples } from '../../values/sample.ts';
import type { DriverEvent, ScaleOrder } from '../driver.ts';
import type { EcsOptions } from './ecs-options.ts';
import { ForeignWatch } from './foreign-watch.ts';
import { type CountedTask, planScale } from './plan-scale.ts';
import { ScaleInProtection } from './scale-in-protection.ts';
import { type ReaderParts, type ReadService, ServiceReader } from './service-reader.ts';
import { ServiceUsage } from './service-usage.ts';

/** What a group is run with. */
export interface EcsParts extends ReaderParts {
  readonly scaling: ApplicationAutoScalingApi;
  readonly cloudWatch: CloudWatchApi;
  readonly onEvent: (event: DriverEvent) => void;
}

/** One group of replicas: the tasks of one service. */
export class EcsGroup {
  readonly #name: string;
  readonly #options: EcsOptions;
  readonly #parts: EcsParts;
  readonly #reader: ServiceReader;
  readonly #foreign: ForeignWatch;
  readonly #protection: ScaleInProtection;
  readonly #usage: ServiceUsage;
  readonly #said = new Map<string, string>();
  /** As the last list had it: orders count what they were told of. */
  #replaced: ReadonlySet<string> = new Set();

  constructor(name: string, options: EcsOptions, parts: EcsParts) {
    this.#name = name;
    this.#options = options;
    this.#parts = parts;
    this.#reader = new ServiceReader(options, parts);
    this.#usage = new ServiceUsage(options, parts.cloudWatch, parts.clock);
    const warn = (message: string | undefined) => this.#say('foreign scaler', message);
    this.#foreign = new ForeignWatch(options, { ...parts, warn });
    this.#protection = new ScaleInProtection(options.cluster, parts);
  }

  async list(signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    const [{ service, problem, tasks }] = await Promise.all([
      this.#reader.read(signal),
      this.#foreign.look(signal),
    ]);
    this.#say(
      'placement',
      problem && `ECS can't start what group ${this.#name} asks for, it says: ${problem}`,
    );
    if (tasks.filter(isCounted).length <= service.desired) await this.#protection.release(signal);
    const replicas = tasks.map(({ replica }) => replica);
    this.#replaced = new Set(replicas.filter(isReplaced).map(({ id }) => id));
    return replicas;
  }

  measure(signal: AbortSignal): Promise<Samples> {
    return this.#usage.read(signal);
  }

  async scale(order: ScaleOrder, signal: AbortSignal): Promise<void> {
    const { ecs } = this.#parts;
    await this.#foreign.look(signal);
    this.#foreign.check();
    const { service, tasks } = await this.#reader.read(signal);
    const { taskProtection, cluster } = this.#options;
    const counted = tasks.map((read) => toCounted(read, this.#replaced));
    const plan = planScale(order, counted, taskProtection);
    const starting = new Set(counted.filter(({ ready }) => !ready).map(({ arn }) => arn));
    const spared =
      taskProtection && (plan.protect.length > 0 || plan.release.length > 0)
        ? await this.#protection.prepare(plan, starting, signal)
        : new Set<string>();
    if (plan.desired !== service.desired) await ecs.setDesired(this.#options, plan.desired, signal);
    const stopped = plan.release.filter((arn) => !spared.has(arn)).slice(0, plan.stops);
    for (const arn of stopped)
      await ecs.stopTask(cluster, arn, `forebay-scaler replaces it in group ${this.#name}`, signal);
  }

  /** A warning, once for as long as it is the same. */
  #say(topic: string, message: string | undefined): void {
    if (message === undefined) this.#said.delete(topic);
    else if (this.#said.get(topic) !== message) {
      this.#said.set(topic, message);
      this.#parts.onEvent({ kind: 'warned', group: this.#name, message });
    }
  }
}

type ReadTask = ReadService['tasks'][number];

function isCounted({ task }: ReadTask): boolean {
  return task.desiredStatus === 'RUNNING';
}

/** By ECS itself. */
function isReplaced({ state, leaving }: ObservedReplica): boolean {
  return state === 'unhealthy' || leaving !== undefined;
}

function toCounted(read: ReadTask, replaced: ReadonlySet<string>): CountedTask {
  const { task, replica } = read;
  return {
    arn: task.arn,
    id: replica.id,
    counted: isCounted(read),
    ready: replica.state !== 'starting',
    replaced: replaced.has(replica.id),
    createdAtMs: task.createdAtMs ?? 0,
  };
}

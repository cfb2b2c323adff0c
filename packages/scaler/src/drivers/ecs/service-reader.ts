import type { InstanceAddresses } from '../../aws/describe-instances.ts';
import type { EcsApi } from '../../aws/ecs-api.ts';
import type { EcsContainerInstance, EcsService, EcsTask, EcsTaskDefinition } from '../../aws/ecs-wire.ts';
import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';
import type { ObservedReplica } from '../../values/replica.ts';
import type { EcsOptions } from './ecs-options.ts';
import { placementProblem } from './placement-problem.ts';
import { replicaId } from './replica-id.ts';
import { type TaskContext, taskState } from './task-state.ts';
import { taskUrl } from './task-url.ts';

/** What ECS and EC2 are asked through. */
export interface ReaderParts {
  readonly ecs: EcsApi;
  readonly instances: InstanceAddresses;
  readonly clock: Clock;
}

/** A service with the tasks that are, or will be, of use. */
export interface ReadService {
  readonly service: EcsService;
  readonly problem: string | undefined;
  readonly tasks: readonly { readonly task: EcsTask; readonly replica: ObservedReplica }[];
}

/** Reads one service as replicas. What never changes is asked for once: task definitions, addresses of instances, tasks that have stopped. */
export class ServiceReader {
  readonly #options: EcsOptions;
  readonly #parts: ReaderParts;
  readonly #definitions = new Map<string, EcsTaskDefinition>();
  #addresses: ReadonlyMap<string, string> = new Map();
  #stopped: ReadonlySet<string> = new Set();

  constructor(options: EcsOptions, parts: ReaderParts) {
    this.#options = options;
    this.#parts = parts;
  }

  async read(signal: AbortSignal): Promise<ReadService> {
    const { ecs, clock } = this.#parts;
    const { cluster } = this.#options;
    const [service, running, stopped] = await Promise.all([
      ecs.describeService(this.#options, signal),
      ecs.listTasks(this.#options, 'RUNNING', signal),
      ecs.listTasks(this.#options, 'STOPPED', signal),
    ]);
    const fresh = stopped.filter((arn) => !this.#stopped.has(arn));
    const described = await ecs.describeTasks(cluster, [...new Set([...running, ...fresh])], signal);
    const over = new Set(
      described.filter(({ lastStatus }) => lastStatus === 'STOPPED').map(({ arn }) => arn),
    );
    this.#stopped = new Set(stopped.filter((arn) => this.#stopped.has(arn) || over.has(arn)));
    const tasks = described.filter(({ group }) => group === `service:${this.#options.service}`);
    const there = this.#checked(service);
    const problem = placementProblem(there, clock.nowMs());
    return {
      service: there,
      problem,
      tasks: await this.#observe(tasks, { problem, outdated: there.outdated }, signal),
    };
  }

  async #observe(
    tasks: readonly EcsTask[],
    says: Pick<TaskContext, 'problem' | 'outdated'>,
    signal: AbortSignal,
  ): Promise<ReadService['tasks']> {
    const alive = tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    await this.#learnDefinitions(alive, signal);
    const instances = await this.#instancesOf(alive, signal);
    await this.#learnAddresses(alive, instances, signal);
    const { service } = this.#options;
    return alive.flatMap((task) => {
      const instance = instances.get(task.containerInstanceArn ?? '');
      const definition = this.#definitions.get(task.definitionArn);
      const state = taskState(task, { ...says, definition, instance });
      if (state === undefined) return [];
      const machine = instance?.instanceId;
      const url = taskUrl(task, this.#options, this.#addresses.get(machine ?? ''));
      const replica: ObservedReplica = {
        id: replicaId(service, task.arn),
        ...state,
        ...(url !== undefined && { url }),
        ...(machine !== undefined && { machine }),
        ...(task.createdAtMs !== undefined && { launchedAtMs: task.createdAtMs }),
      };
      return [{ task, replica }];
    });
  }

  #checked(service: EcsService | undefined): EcsService {
    const { cluster, service: name } = this.#options;
    if (service?.status !== 'ACTIVE') {
      const is = service === undefined ? 'there is none' : `it is ${service.status}`;
      const message = `ECS service ${name} in cluster ${cluster}: ${is}; create it, or mend options cluster, service and region`;
      throw new ScalerError('SCALER_DRIVER_FAILED', message);
    }
    if (service.scheduling === 'REPLICA') return service;
    const message = `ECS service ${name} in cluster ${cluster} is scheduled as ${service.scheduling} and has no count to set; only REPLICA has`;
    throw new ScalerError('SCALER_DRIVER_FAILED', message);
  }

  /** Only what matters: whether health is to be waited for, and how long a task that stops has left. */
  async #learnDefinitions(tasks: readonly EcsTask[], signal: AbortSignal): Promise<void> {
    const asked = tasks.filter(
      ({ lastStatus, health, desiredStatus }) =>
        lastStatus === 'RUNNING' && (health === 'UNKNOWN' || desiredStatus !== 'RUNNING'),
    );
    for (const arn of new Set(asked.map(({ definitionArn }) => definitionArn))) {
      if (!this.#definitions.has(arn))
        this.#definitions.set(arn, await this.#parts.ecs.describeTaskDefinition(arn, signal));
    }
  }

  async #instancesOf(
    tasks: readonly EcsTask[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, EcsContainerInstance>> {
    const arns = new Set(tasks.flatMap(({ containerInstanceArn = [] }) => containerInstanceArn));
    const found = await this.#parts.ecs.describeContainerInstances(this.#options.cluster, [...arns], signal);
    return new Map(found.map((each) => [each.arn, each]));
  }

  /** Of instances whose tasks have no address of their own. */
  async #learnAddresses(
    tasks: readonly EcsTask[],
    instances: ReadonlyMap<string, EcsContainerInstance>,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#options.url === 'none') return;
    const needed = tasks
      .filter(({ privateIp, ports }) => privateIp === undefined && ports.length > 0)
      .flatMap(({ containerInstanceArn }) => instances.get(containerInstanceArn ?? '')?.instanceId ?? []);
    const unknown = [...new Set(needed)].filter((id) => !this.#addresses.has(id));
    const found = unknown.length === 0 ? [] : await this.#parts.instances.instanceAddresses(unknown, signal);
    const known = [...this.#addresses].filter(([id]) => needed.includes(id));
    this.#addresses = new Map([
      ...known,
      ...[...found].flatMap(([id, { privateIp }]) => (privateIp ? [[id, privateIp] as const] : [])),
    ]);
  }
}

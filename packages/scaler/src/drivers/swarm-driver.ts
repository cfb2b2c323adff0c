import type { Clock } from '../clock.ts';
import { ScalerError } from '../errors.ts';
import type { ObservedReplica } from '../values/replica.ts';
import type { Samples } from '../values/sample.ts';
import type { Driver, DriverEvent, ScaleOrder } from './driver.ts';
import type { EngineApi } from './swarm/engine-api.ts';
import type { EngineNode, EngineService, EngineTask } from './swarm/engine-values.ts';
import type { UrlRule } from './swarm/replica-url.ts';
import { replicasOf, scaledSpec } from './swarm/scaled-spec.ts';
import { serviceWarning } from './swarm/service-warning.ts';
import { hasEnded, isPlaced, replicaId, toReplica } from './swarm/to-replica.ts';
import { UsageMeter } from './swarm/usage-meter.ts';
import { toDriverError } from './to-driver-error.ts';

export interface SwarmDriverOptions {
  /** A manager's. */
  readonly engine: EngineApi;
  /** Other nodes', by id or name of the node. */
  readonly engines: Readonly<Record<string, EngineApi>>;
  /** The service that a group is. */
  readonly serviceOf: (group: string) => string;
  readonly url: UrlRule;
  /** What no other group may scale, for messages. */
  readonly scales?: string;
  readonly clock: Clock;
  readonly onEvent?: (event: DriverEvent) => void;
}

/** Tasks that Swarm means to keep: `ready` is one that waits for its slot, as after the failure of another. */
const KEPT = ['running', 'ready', 'accepted'] as const;

/** How often a service that others change meanwhile is read anew. */
const MAX_TRIES = 10;

/**
 * Replicas as tasks of a replicated Swarm service. It only sets the service's number of tasks; which of them go on the way down, and what takes the
 * place of one that ends, is Swarm's choice. A task that has found no node doesn't exist yet: ordering it again says why.
 */
export class SwarmDriver implements Driver {
  readonly name = 'swarm';
  readonly namesReplicas = false;
  readonly choosesRemoved = false;
  readonly strangers = 'adopt';
  readonly listGraceSeconds = 0;
  readonly leastTickSeconds = 1;
  readonly scales?: string;
  readonly #options: SwarmDriverOptions;
  readonly #meters = new Map<string, UsageMeter>();
  readonly #warned = new Map<string, string | undefined>();
  readonly #staying = new Map<string, string | undefined>();

  constructor(options: SwarmDriverOptions) {
    this.#options = options;
    if (options.scales !== undefined) this.scales = options.scales;
  }

  async list(group: string, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    const { engine, url } = this.#options;
    try {
      const service = await this.#service(group, signal);
      const [tasks, nodes, own] = await Promise.all([
        engine.tasks(service.ID, KEPT, signal),
        engine.nodes(signal),
        engine.nodeId(signal),
        this.#warn(group, service, signal),
      ]);
      const placed = tasks.filter(isPlaced).toSorted(bySlotAndAge);
      const failures = placed.every(({ Status }) => Status.State === 'running')
        ? new Map<number, string>()
        : await this.#failuresBySlot(service, signal);
      signal.throwIfAborted(); // the answers are worth nothing then
      const engineOf = this.#engineAmong(own, nodes);
      return placed.map((task) =>
        toReplica(task, {
          service: service.Spec.Name,
          node: nodes.find(({ ID }) => ID === task.NodeID),
          url,
          isInReach: engineOf(task.NodeID) !== undefined,
          earlierFailure: failures.get(task.Slot),
        }),
      );
    } catch (error) {
      throw toDriverError(error, `listing the tasks of group "${group}"`, signal);
    }
  }

  async scale({ group, desired, remove }: ScaleOrder, signal: AbortSignal): Promise<void> {
    const { engine } = this.#options;
    try {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const service = await this.#service(group, signal);
        if (replicasOf(service) === desired) return await this.#asOrdered(group, service, remove, signal);
        const done = await engine.update(service, scaledSpec(service, desired), signal);
        if (done === 'updated') return;
      }
      const message = `service "${this.#options.serviceOf(group)}" was changed by others ${MAX_TRIES} times while its number of tasks was to be set to ${desired}`;
      throw new ScalerError('SCALER_DRIVER_FAILED', message, { retryable: true });
    } catch (error) {
      throw toDriverError(error, `scaling group "${group}" to ${desired} tasks`, signal);
    }
  }

  async measure(group: string, signal: AbortSignal): Promise<Samples> {
    const { engine, clock } = this.#options;
    try {
      const service = await this.#service(group, signal);
      const [tasks, engineOf] = await Promise.all([
        engine.tasks(service.ID, ['running'], signal),
        this.#engineOf(signal),
      ]);
      const running = tasks.filter(({ Status }) => Status.State === 'running');
      const meter = this.#meters.get(group) ?? new UsageMeter();
      this.#meters.set(group, meter);
      return await meter.measure(running, engineOf, clock.nowMs(), signal);
    } catch (error) {
      throw toDriverError(error, `measuring the tasks of group "${group}"`, signal);
    }
  }

  async close(): Promise<void> {
    const { engine, engines } = this.#options;
    await Promise.all([engine, ...Object.values(engines)].map((each) => each.close()));
  }

  async #service(group: string, signal: AbortSignal): Promise<EngineService> {
    const { engine, serviceOf } = this.#options;
    const name = serviceOf(group);
    const service = await engine.service(name, signal);
    if (service !== undefined) {
      replicasOf(service); // or it can't be scaled, whatever it runs
      return service;
    }
    const message = `service "${name}" of group "${group}" does not exist on this Swarm: deploy it (docker stack deploy -c docker-compose.cpu.yml embed), or give drivers.swarm.service its name (docker service ls)`;
    throw new ScalerError('SCALER_DRIVER_FAILED', message);
  }

  /** The number stands already: says what Swarm lacks for it, and has those replaced that were to go. */
  async #asOrdered(
    group: string,
    service: EngineService,
    remove: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const tasks = await this.#options.engine.tasks(service.ID, KEPT, signal);
    const doomed = tasks.filter((task) => remove.includes(replicaId(service.Spec.Name, task)));
    const stay = doomed.length === 0 ? [] : await this.#replace(doomed, signal);
    this.#warnOfStaying(group, service, stay);
    const waiting = tasks.filter((task) => !isPlaced(task) && task.Status.Err !== undefined);
    if (waiting[0] === undefined) return;
    const message = `${waiting.length} of ${replicasOf(service)} tasks of service "${service.Spec.Name}" have found no node: ${waiting[0].Status.Err}`;
    throw new ScalerError('SCALER_DRIVER_CAPACITY', message, { retryable: true });
  }

  /** Ends containers where their Engine is known: Swarm puts others in their place. Elsewhere it stays a wish: says of which. */
  async #replace(tasks: readonly EngineTask[], signal: AbortSignal): Promise<readonly EngineTask[]> {
    const engineOf = await this.#engineOf(signal);
    await Promise.all(
      tasks.map(async ({ NodeID, Status }) => {
        const container = Status.ContainerStatus?.ContainerID;
        if (container) await engineOf(NodeID)?.stop(container, signal);
      }),
    );
    return tasks.filter((task) => isPlaced(task) && !hasEnded(task) && engineOf(task.NodeID) === undefined);
  }

  /** Nobody would see otherwise why a task that runs gets no work. */
  #warnOfStaying(group: string, { Spec }: EngineService, tasks: readonly EngineTask[]): void {
    const ids = tasks.map((task) => replicaId(Spec.Name, task)).join(', ');
    const nodes = [...new Set(tasks.map(({ NodeID }) => NodeID))].join(', ');
    const message =
      ids === ''
        ? undefined
        : `${ids} shall be replaced, and the Engine of node ${nodes} is not known: it stays and gets no work until you give drivers.swarm.engines ${nodes}, or run docker service update --force ${Spec.Name}`;
    const last = this.#staying.get(group);
    this.#staying.set(group, message);
    if (message !== undefined && message !== last)
      this.#options.onEvent?.({ kind: 'warned', group, message });
  }

  async #engineOf(signal: AbortSignal): Promise<(nodeId: string) => EngineApi | undefined> {
    const { engine } = this.#options;
    const [own, nodes] = await Promise.all([engine.nodeId(signal), engine.nodes(signal)]);
    return this.#engineAmong(own, nodes);
  }

  #engineAmong(own: string, nodes: readonly EngineNode[]): (nodeId: string) => EngineApi | undefined {
    const { engine, engines } = this.#options;
    const nameOf = (nodeId: string) => nodes.find(({ ID }) => ID === nodeId)?.Description?.Hostname ?? '';
    return (nodeId) => engines[nodeId] ?? engines[nameOf(nodeId)] ?? (nodeId === own ? engine : undefined);
  }

  async #failuresBySlot(service: EngineService, signal: AbortSignal): Promise<ReadonlyMap<number, string>> {
    const ended = await this.#options.engine.tasks(service.ID, ['shutdown'], signal);
    const failed = ended.filter(({ Status }) => Status.State === 'failed' || Status.State === 'rejected');
    // A later one of the same slot takes the place of an earlier one.
    return new Map(
      failed
        .toSorted(bySlotAndAge)
        .map(({ Slot, Status }) => [Slot, Status.Err ?? Status.Message ?? Status.State]),
    );
  }

  /** Once for as long as it is the same. */
  async #warn(group: string, service: EngineService, signal: AbortSignal): Promise<void> {
    const { engine, onEvent } = this.#options;
    const known = `${service.ID} ${service.Version.Index}`;
    const last = this.#warned.get(group);
    if (last?.startsWith(`${known}\n`)) return;
    const image = service.Spec.TaskTemplate.ContainerSpec?.Image;
    const imageChecks = image === undefined ? undefined : await engine.imageChecksHealth(image, signal);
    const message = serviceWarning(service, imageChecks) ?? '';
    this.#warned.set(group, `${known}\n${message}`);
    if (message !== '' && !last?.endsWith(`\n${message}`)) onEvent?.({ kind: 'warned', group, message });
  }
}

function bySlotAndAge(a: EngineTask, b: EngineTask): number {
  return a.Slot - b.Slot || a.CreatedAt.localeCompare(b.CreatedAt);
}

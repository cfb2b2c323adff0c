import type { EngineNode, EngineTask } from './engine-values.ts';

/** Where a task's server is to be found. */
export interface UrlRule {
  /** With `{slot}`, `{task}`, `{service}`, `{node}`, `{nodeName}`, `{nodeAddress}`, `{address}` and `{port}`; else it is made of what the task says. */
  readonly template?: string | undefined;
  /** Where the server listens inside its container. */
  readonly port: number;
  /** With its slash. */
  readonly path: string;
  /** Name of the network whose address counts, where a task has several. */
  readonly network?: string | undefined;
}

/** What a template may name. */
export const PLACEHOLDERS = [
  'slot',
  'task',
  'service',
  'node',
  'nodeName',
  'nodeAddress',
  'address',
  'port',
] as const;

/**
 * The URL of a task: the template, or its port that is published on its node, or its address on an overlay network, or its node's address where it
 * has the host's network. Undefined while something that it takes is not known.
 *
 * @example
 * replicaUrl({ template: 'http://{nodeAddress}:1808{slot}/p', port: 8080, path: '/' }, 'djl', task, node); // http://10.0.0.4:18083/p
 */
export function replicaUrl(
  rule: UrlRule,
  service: string,
  task: EngineTask,
  node: EngineNode | undefined,
): string | undefined {
  const nodeAddress = node === undefined ? undefined : addressOf(node);
  const address = overlayAddress(task, rule.network);
  if (rule.template !== undefined) {
    const values: Readonly<Record<(typeof PLACEHOLDERS)[number], string | undefined>> = {
      slot: String(task.Slot),
      task: task.ID,
      service,
      node: task.NodeID || undefined,
      nodeName: node?.Description?.Hostname || undefined,
      nodeAddress: nodeAddress && inUrl(nodeAddress),
      address: address && inUrl(address),
      port: String(rule.port),
    };
    return filled(rule.template, values);
  }
  const published = hostPort(task, rule.port);
  const target: readonly [string | undefined, number] =
    published !== undefined
      ? [nodeAddress, published]
      : onHostNetwork(task)
        ? [nodeAddress, rule.port]
        : [address, rule.port];
  const [host, port] = target;
  return host === undefined ? undefined : `http://${inUrl(host)}:${port}${rule.path}`;
}

/** Undefined when one of its values is not known. */
function filled(template: string, values: Readonly<Record<string, string | undefined>>): string | undefined {
  let known = true;
  const text = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known ? text : undefined;
}

/** A manager may give 0.0.0.0 as its status, and its address where it says how managers reach it. */
function addressOf({ Status, ManagerStatus }: EngineNode): string | undefined {
  if (Status.Addr !== undefined && Status.Addr !== '' && Status.Addr !== '0.0.0.0') return Status.Addr;
  const asManager = ManagerStatus?.Addr?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return asManager || undefined;
}

function overlayAddress({ NetworksAttachments }: EngineTask, network?: string): string | undefined {
  const usable = (NetworksAttachments ?? []).filter(
    ({ Network: { Spec, DriverState }, Addresses }) =>
      (Addresses ?? []).length > 0 &&
      (network === undefined
        ? Spec.Name !== 'ingress' && DriverState?.Name !== 'host'
        : Spec.Name === network),
  );
  return usable[0]?.Addresses?.[0]?.replace(/\/\d+$/, '');
}

function onHostNetwork({ NetworksAttachments }: EngineTask): boolean {
  return (NetworksAttachments ?? []).some(
    ({ Network }) => Network.Spec.Name === 'host' || Network.DriverState?.Name === 'host',
  );
}

/** The port of the node that leads to `port` of this very task; the ingress network's leads to any. */
function hostPort({ Status }: EngineTask, port: number): number | undefined {
  const ports = Status.PortStatus?.Ports ?? [];
  return ports.find(({ PublishMode, TargetPort }) => PublishMode === 'host' && TargetPort === port)
    ?.PublishedPort;
}

function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

import type { ScaleOrder } from '../driver.ts';
import type { Pod } from './api-objects.ts';
import { accepted, type KubernetesApi } from './kubernetes-api.ts';
import { isCounted } from './observed-pod.ts';
import { DELETION_COST, FIRST_TO_GO, type RemovalSteps, removalSteps } from './removal-steps.ts';
import { choosesRemoved, describeTarget, type KubernetesTarget, pathOf } from './target.ts';
import { toCreationError, viewTarget } from './target-view.ts';

/** How many pods are written to at a time. */
const AT_ONCE = 10;

/**
 * Looks at the target and does what an order asks beyond that: costs first, then the count, then deletions. False when somebody else changed the
 * target meanwhile, and everything is to be looked at again.
 *
 * @throws ScalerError where a call is refused, or where the target's controller has been short of pods since before and says why
 */
export async function carryOut(
  order: ScaleOrder,
  target: KubernetesTarget,
  namespace: string,
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<boolean> {
  const it = describeTarget(target, namespace);
  const { scale, pods, outdated, creationFailure } = await viewTarget(api, target, namespace, signal);
  const { replicas } = scale.spec;
  const steps = removalSteps(order, { pods, outdated, replicas, heedsCosts: choosesRemoved(target) });
  const core = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  await mark(steps, core, api, signal);
  if (steps.replicas !== undefined) {
    const { resourceVersion } = scale.metadata;
    const body = { metadata: { resourceVersion }, spec: { replicas: steps.replicas } };
    const answer = await patch(`${pathOf(target, namespace)}/scale`, body, api, signal);
    if (answer.status === 409) return false;
    accepted(answer, `scaling ${it} to ${steps.replicas}`);
  }
  await eachOf(steps.remove, (pod) => remove(pod, core, api, signal));
  const isShort = steps.replicas === undefined && pods.filter(isCounted).length < order.desired;
  if (isShort && creationFailure !== undefined) throw toCreationError(creationFailure, it);
  return true;
}

async function mark(
  steps: RemovalSteps,
  core: string,
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<void> {
  const costs = [
    ...steps.mark.map((pod) => ({ pod, cost: FIRST_TO_GO })),
    ...steps.unmark.map((pod) => ({ pod, cost: null })),
  ];
  await eachOf(costs, async ({ pod: { metadata }, cost }) => {
    const body = { metadata: { annotations: { [DELETION_COST]: cost } } };
    const answer = await patch(`${core}/${encodeURIComponent(metadata.name)}`, body, api, signal);
    if (answer.status !== 404) accepted(answer, `setting the deletion cost of pod ${metadata.name}`);
  });
}

/** One that is gone, or whose name another has by now, is removed already. */
async function remove(
  { metadata }: Pod,
  core: string,
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<void> {
  const path = `${core}/${encodeURIComponent(metadata.name)}`;
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: metadata.uid } };
  const answer = await api.send({ method: 'DELETE', path, body }, signal);
  if (answer.status === 404 || answer.status === 409) return;
  accepted(answer, `deleting pod ${metadata.name}`);
}

function patch(path: string, body: unknown, api: KubernetesApi, signal: AbortSignal) {
  const contentType = 'application/merge-patch+json';
  return api.send({ method: 'PATCH', path, body, contentType }, signal);
}

async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    await Promise.all(items.slice(start, start + AT_ONCE).map(act));
  }
}

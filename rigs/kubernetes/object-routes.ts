import { type ApiAnswer, type ApiRequest, answer, notAllowed, type RouteParts } from './api-exchange.ts';
import { ApiStatus, conflict, notFound } from './api-status.ts';
import { type KubeObject, type Pod, timeOf, type Workload } from './kube-object.ts';
import { mergePatch, strategicMerge } from './merge-patch.ts';
import type { RequestPath } from './request-path.ts';
import { PODS } from './resources.ts';
import { scaleOf, withScale } from './scale-subresource.ts';
import { tableOf } from './tables.ts';

/** Answers a request for one object. @throws ApiStatus where Kubernetes would answer with an error */
export function onObject(path: RequestPath, request: ApiRequest, { store, nowMs }: RouteParts): ApiAnswer {
  const { resource, namespace, name = '' } = path;
  const before = store.get(resource, namespace, name);
  const dryRun = request.url.searchParams.has('dryRun');
  switch (request.method) {
    case 'GET':
      return answer((request.wantsTable ? tableOf(resource, [before], nowMs()) : undefined) ?? before);
    case 'PUT':
    case 'PATCH': {
      const after =
        request.method === 'PUT' ? withDefaults(request.body, namespace) : patched(before, request);
      return answer(dryRun ? after : store.replace(resource, after));
    }
    case 'DELETE': {
      const { preconditions, gracePeriodSeconds } = (request.body ?? {}) as DeleteOptions; // only read
      if (preconditions?.uid !== undefined && preconditions.uid !== before.metadata.uid) {
        throw conflict(resource.plural, name);
      }
      // Pods end in their own time, unless nobody runs them yet.
      if (resource !== PODS || gracePeriodSeconds === 0 || (before as Pod).spec.nodeName === undefined) {
        return answer(store.delete(resource, namespace, name));
      }
      const deletionTimestamp = before.metadata.deletionTimestamp ?? timeOf(nowMs());
      return answer(
        store.replace(resource, { ...before, metadata: { ...before.metadata, deletionTimestamp } }),
      );
    }
    default:
      throw notAllowed(request.method);
  }
}

interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string };
  readonly gracePeriodSeconds?: number;
}

/** Answers a request for the count of one object. @throws ApiStatus as above */
export function onScale(path: RequestPath, request: ApiRequest, { store }: RouteParts): ApiAnswer {
  const { resource, namespace, name = '' } = path;
  if (!resource.scale) throw notFound(resource.plural, name);
  const workload = store.get(resource, namespace, name) as Workload; // kinds with `scale` are such
  const scale = scaleOf(workload);
  if (request.method === 'GET') return answer(scale);
  if (request.method !== 'PUT' && request.method !== 'PATCH') throw notAllowed(request.method);
  const wanted = request.method === 'PUT' ? request.body : mergePatch(scale, request.body);
  const after = withScale(workload, wanted);
  const { resourceVersion: _, ...unversioned } = after.metadata;
  if (request.url.searchParams.has('dryRun')) return answer(scaleOf(after));
  const kept = store.replace(resource, { ...after, metadata: unversioned });
  return answer(scaleOf(kept as Workload)); // it was one
}

function patched(before: KubeObject, { contentType, body }: ApiRequest): KubeObject {
  const patch = PATCHES[contentType];
  if (patch === undefined) {
    const message = `the body of the request was in an unknown format: ${contentType}`;
    throw new ApiStatus(415, 'UnsupportedMediaType', message);
  }
  const { resourceVersion: _, ...metadata } = before.metadata;
  return patch({ ...before, metadata }, body) as KubeObject; // of an object, and names can't be taken away from it
}

const PATCHES: Readonly<Record<string, (target: unknown, patch: unknown) => unknown>> = {
  'application/merge-patch+json': mergePatch,
  'application/strategic-merge-patch+json': strategicMerge,
};

/** An object as it was sent, in the namespace of its path. @throws ApiStatus when it has no name */
export function withDefaults(body: unknown, namespace: string | undefined): KubeObject {
  const object = body as KubeObject; // checked below as far as it is relied on
  if (typeof object?.metadata?.name !== 'string') {
    throw new ApiStatus(422, 'Invalid', 'metadata.name: Required value: name is required');
  }
  if (namespace === undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

import { ApiStatus, conflict, notFound } from './api-status.ts';
import { discover } from './discovery.ts';
import { type KubeObject, type Pod, timeOf, type Workload } from './kube-object.ts';
import { mergePatch, strategicMerge } from './merge-patch.ts';
import type { ObjectStore } from './object-store.ts';
import { pageOf } from './page-of.ts';
import { podMetricsOf, type Usage } from './pod-metrics.ts';
import { type RequestPath, readPath } from './request-path.ts';
import { groupVersionOf, POD_METRICS, PODS, RESOURCES } from './resources.ts';
import { scaleOf, withScale } from './scale-subresource.ts';
import { fieldSelector, labelSelector } from './selectors.ts';

export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly contentType: string;
  readonly body: unknown;
}

export type ApiAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  /** Events until the caller goes. */
  | { readonly kind: 'watch'; readonly path: RequestPath; readonly query: URLSearchParams };

export interface RouteParts {
  readonly store: ObjectStore;
  readonly nowMs: () => number;
  /** What each ready pod uses; without it there is no metrics API. */
  readonly usageOf?: ((pod: Pod) => Usage | undefined) | undefined;
  /** Counts how often tokens of lists have expired. */
  readonly pageGeneration: () => number;
}

/** Whether an object is among those that the query selects. */
export function selectedBy(query: URLSearchParams): (object: KubeObject) => boolean {
  const byLabel = labelSelector(query.get('labelSelector') ?? '');
  const byField = fieldSelector(query.get('fieldSelector') ?? '');
  return (object) => byLabel(object) && byField(object);
}

/** Answers one request. @throws ApiStatus where Kubernetes would answer with an error */
export function route(request: ApiRequest, parts: RouteParts): ApiAnswer {
  const { pathname, searchParams } = request.url;
  const resources = parts.usageOf ? [...RESOURCES, POD_METRICS] : RESOURCES;
  const discovered = request.method === 'GET' ? discover(pathname, resources) : undefined;
  if (discovered !== undefined) return answer(discovered);
  const path = readPath(pathname, resources);
  if (path === undefined)
    throw new ApiStatus(404, 'NotFound', 'the server could not find the requested resource');
  if (path.resource === POD_METRICS) return answer(metricsList(path, searchParams, parts));
  if (path.name === undefined) return onList(path, request, parts);
  if (path.subresource === 'scale') return onScale(path, request, parts);
  if (path.subresource !== undefined && path.subresource !== 'status')
    throw notFound(path.resource.plural, pathname);
  return onObject(path, request, parts);
}

function onList(path: RequestPath, { method, url, body }: ApiRequest, parts: RouteParts): ApiAnswer {
  const { resource, namespace } = path;
  const query = url.searchParams;
  if (method === 'POST') {
    const object = withDefaults(body, namespace);
    if (query.has('dryRun')) return answer(object, 201);
    return answer(parts.store.create(resource, object), 201);
  }
  if (method !== 'GET') throw notAllowed(method);
  if (query.get('watch') === 'true' || query.get('watch') === '1') return { kind: 'watch', path, query };
  const selected = parts.store.list(resource, namespace).filter(selectedBy(query));
  return answer(listOf(path, selected, query, parts));
}

function onObject(path: RequestPath, request: ApiRequest, { store, nowMs }: RouteParts): ApiAnswer {
  const { resource, namespace, name = '' } = path;
  const before = store.get(resource, namespace, name);
  const dryRun = request.url.searchParams.has('dryRun');
  switch (request.method) {
    case 'GET':
      return answer(before);
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

function onScale(path: RequestPath, request: ApiRequest, { store }: RouteParts): ApiAnswer {
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

function metricsList(
  path: RequestPath,
  query: URLSearchParams,
  { store, usageOf, nowMs }: RouteParts,
): unknown {
  const items = store
    .list(PODS, path.namespace)
    .filter(selectedBy(query))
    .flatMap((object) => {
      const pod = object as Pod; // all under PODS are
      const usage = usageOf?.(pod);
      return (usage && podMetricsOf(pod, usage, nowMs())) ?? [];
    });
  return { kind: 'PodMetricsList', apiVersion: groupVersionOf(POD_METRICS), metadata: {}, items };
}

function listOf(
  { resource }: RequestPath,
  selected: readonly KubeObject[],
  query: URLSearchParams,
  { store, pageGeneration }: RouteParts,
): unknown {
  const limit = Number(query.get('limit') ?? 0);
  const page = pageOf(selected, { limit, token: query.get('continue') ?? '', generation: pageGeneration() });
  const metadata = {
    resourceVersion: String(store.version),
    ...(page.continueToken && { continue: page.continueToken }),
  };
  return { kind: `${resource.kind}List`, apiVersion: groupVersionOf(resource), metadata, items: page.items };
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

function withDefaults(body: unknown, namespace: string | undefined): KubeObject {
  const object = body as KubeObject; // checked below as far as it is relied on
  if (typeof object?.metadata?.name !== 'string') {
    throw new ApiStatus(422, 'Invalid', 'metadata.name: Required value: name is required');
  }
  if (namespace === undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function notAllowed(method: string): ApiStatus {
  return new ApiStatus(
    405,
    'MethodNotAllowed',
    `the server does not allow ${method} on the requested resource`,
  );
}

function answer(body: unknown, status = 200): ApiAnswer {
  return { kind: 'answer', status, body };
}

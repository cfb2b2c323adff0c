import { type ApiAnswer, type ApiRequest, answer, notAllowed, type RouteParts } from './api-exchange.ts';
import { ApiStatus, notFound } from './api-status.ts';
import { discover } from './discovery.ts';
import type { KubeObject, Pod } from './kube-object.ts';
import { onObject, onScale, withDefaults } from './object-routes.ts';
import { openApi } from './open-api.ts';
import { pageOf } from './page-of.ts';
import { podMetricsOf } from './pod-metrics.ts';
import { type RequestPath, readPath } from './request-path.ts';
import { groupVersionOf, POD_METRICS, PODS, RESOURCES } from './resources.ts';
import { fieldSelector, labelSelector } from './selectors.ts';
import { tableOf } from './tables.ts';

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
  const discovered =
    request.method === 'GET' ? (discover(pathname, resources) ?? openApi(pathname, resources)) : undefined;
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

function onList(
  path: RequestPath,
  { method, url, body, wantsTable }: ApiRequest,
  parts: RouteParts,
): ApiAnswer {
  const { resource, namespace } = path;
  const query = url.searchParams;
  if (method === 'POST') {
    const object = withDefaults(body, namespace);
    if (query.has('dryRun')) return answer(object, 201);
    return answer(parts.store.create(resource, object), 201);
  }
  if (method !== 'GET') throw notAllowed(method);
  if (query.get('watch') === 'true' || query.get('watch') === '1')
    return { kind: 'watch', path, query, wantsTable };
  const selected = parts.store.list(resource, namespace).filter(selectedBy(query));
  return answer(listOf(path, selected, query, parts, wantsTable));
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
  { store, pageGeneration, nowMs }: RouteParts,
  wantsTable: boolean,
): unknown {
  const limit = Number(query.get('limit') ?? 0);
  const page = pageOf(selected, { limit, token: query.get('continue') ?? '', generation: pageGeneration() });
  const metadata = {
    resourceVersion: String(store.version),
    ...(page.continueToken && { continue: page.continueToken }),
  };
  const table = wantsTable ? tableOf(resource, page.items, nowMs(), metadata) : undefined;
  if (table !== undefined) return table;
  return { kind: `${resource.kind}List`, apiVersion: groupVersionOf(resource), metadata, items: page.items };
}

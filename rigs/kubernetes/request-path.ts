import { prefixOf } from './discovery.ts';
import { NAMESPACES, type Resource } from './resources.ts';

/** What a request is about. */
export interface RequestPath {
  readonly resource: Resource;
  /** Undefined: all namespaces, or a kind without them. */
  readonly namespace: string | undefined;
  /** Undefined: the list. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Reads `/apis/apps/v1/namespaces/default/deployments/djl-cpu/scale` and its like; undefined when it is no object's. */
export function readPath(path: string, resources: readonly Resource[]): RequestPath | undefined {
  for (const resource of resources) {
    const prefix = `/${prefixOf(resource)}/`;
    if (!path.startsWith(prefix)) continue;
    const parts = path.slice(prefix.length).split('/').map(decodeURIComponent);
    const spaced = parts[0] === 'namespaces' && parts.length > 2 && resource.namespaced;
    const [plural, name, subresource, ...more] = spaced ? parts.slice(2) : parts;
    // `namespaces/default/pods` is about pods, though it begins like a namespace.
    const within = resource === NAMESPACES && subresource !== undefined && subresource !== 'status';
    if (plural !== resource.plural || more.length > 0 || within) continue;
    return { resource, namespace: spaced ? parts[1] : undefined, name, subresource };
  }
  return undefined;
}

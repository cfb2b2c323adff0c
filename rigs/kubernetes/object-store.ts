import { randomUUID } from 'node:crypto';
import { ApiStatus, conflict, notFound } from './api-status.ts';
import { type KubeObject, timeOf } from './kube-object.ts';
import { groupVersionOf, type Resource } from './resources.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

interface Happened extends WatchEvent {
  readonly resource: Resource;
  readonly version: number;
}

/** All objects, with versions that grow by one at each change, and what has happened to whom. */
export class ObjectStore {
  readonly #nowMs: () => number;
  readonly #objects = new Map<string, KubeObject>();
  readonly #history: Happened[] = [];
  readonly #watchers = new Set<(event: Happened) => void>();
  #version = 1;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get version(): number {
    return this.#version;
  }

  /** By namespace and name, in the order of both. */
  list(resource: Resource, namespace?: string): readonly KubeObject[] {
    const prefix = keyOf(resource, namespace, '');
    return [...this.#objects.keys()]
      .filter((key) =>
        key.startsWith(namespace === undefined ? `${resource.group}/${resource.plural}/` : prefix),
      )
      .toSorted()
      .flatMap((key) => this.#objects.get(key) ?? []);
  }

  find(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf(resource, namespace, name));
  }

  get(resource: Resource, namespace: string | undefined, name: string): KubeObject {
    const found = this.find(resource, namespace, name);
    if (found === undefined) throw notFound(resource.plural, name);
    return found;
  }

  create(resource: Resource, object: KubeObject): KubeObject {
    const { name, namespace } = object.metadata;
    if (this.find(resource, namespace, name) !== undefined) {
      throw new ApiStatus(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`);
    }
    const metadata = {
      ...object.metadata,
      uid: randomUUID(),
      creationTimestamp: timeOf(this.#nowMs()),
      generation: 1,
    };
    return this.#put('ADDED', resource, {
      ...object,
      apiVersion: groupVersionOf(resource),
      kind: resource.kind,
      metadata,
    });
  }

  /** Replaces it; a `resourceVersion` in it must be the current one. What changes nothing makes no new version. */
  replace(resource: Resource, object: KubeObject): KubeObject {
    const { name, namespace, resourceVersion } = object.metadata;
    const before = this.get(resource, namespace, name);
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion) {
      throw conflict(resource.plural, name);
    }
    const respecified = JSON.stringify(object.spec) !== JSON.stringify(before.spec);
    const { uid, creationTimestamp, generation = 1, resourceVersion: current } = before.metadata;
    const fixed = {
      ...object.metadata,
      ...(uid !== undefined && { uid }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      generation: respecified ? generation + 1 : generation,
    };
    const after = { ...object, metadata: { ...fixed, ...(current && { resourceVersion: current }) } };
    if (JSON.stringify(sorted(after)) === JSON.stringify(sorted(before))) return before;
    return this.#put('MODIFIED', resource, { ...object, metadata: fixed });
  }

  delete(resource: Resource, namespace: string | undefined, name: string): KubeObject {
    const object = this.get(resource, namespace, name);
    this.#objects.delete(keyOf(resource, namespace, name));
    const metadata = { ...object.metadata, resourceVersion: String(this.#version + 1) };
    this.#tell('DELETED', resource, { ...object, metadata });
    return object;
  }

  /** Tells what has happened since `version` and what happens from now on; ends with the returned function. */
  watch(resource: Resource, version: number, listener: (event: WatchEvent) => void): () => void {
    const hear = (event: Happened) => {
      if (event.resource === resource && event.version > version) listener(event);
    };
    for (const event of this.#history) hear(event);
    this.#watchers.add(hear);
    return () => this.#watchers.delete(hear);
  }

  #put(type: 'ADDED' | 'MODIFIED', resource: Resource, object: KubeObject): KubeObject {
    const resourceVersion = String(this.#version + 1);
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion } };
    this.#objects.set(keyOf(resource, kept.metadata.namespace, kept.metadata.name), kept);
    this.#tell(type, resource, kept);
    return kept;
  }

  #tell(type: WatchEvent['type'], resource: Resource, object: KubeObject): void {
    this.#version += 1;
    const event = { type, resource, object, version: this.#version };
    this.#history.push(event);
    if (this.#history.length > HISTORY) this.#history.shift();
    for (const hear of this.#watchers) hear(event);
  }
}

/** So many changes are remembered for watches that begin late. */
const HISTORY = 10_000;

function keyOf({ group, plural }: Resource, namespace = '', name: string): string {
  return `${group}/${plural}/${namespace}/${name}`;
}

/** With keys in one order, so that equal objects have equal texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]),
  );
}

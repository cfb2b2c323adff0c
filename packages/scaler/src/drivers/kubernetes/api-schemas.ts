import { z } from 'zod';
import type { Autoscaler, Node, Page, Pod, PodMetrics, ReplicaSet, Scale } from './api-objects.ts';

/** Go writes what is empty as nothing or as null. */
const maybe = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);
const none = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .array(schema)
    .nullish()
    .transform((list) => list ?? []);

const metadata = z.object({
  name: z.string(),
  uid: maybe(z.string()),
  resourceVersion: maybe(z.string()),
  creationTimestamp: maybe(z.string()),
  deletionTimestamp: maybe(z.string()),
  annotations: maybe(z.record(z.string(), z.string())),
  ownerReferences: none(
    z.object({ kind: z.string(), name: z.string(), uid: z.string(), controller: maybe(z.boolean()) }),
  ),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: maybe(z.string()),
  message: maybe(z.string()),
  lastTransitionTime: maybe(z.string()),
});

const quantities = maybe(z.record(z.string(), z.union([z.string(), z.number()]).transform(String)));

const containerStatus = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: maybe(
    z.object({
      waiting: maybe(z.object({ reason: maybe(z.string()), message: maybe(z.string()) })),
      running: maybe(z.object({ startedAt: maybe(z.string()) })),
    }),
  ),
});

/** Each reads what the API server says of one object of its kind. */
export const pod: z.ZodType<Pod> = z.object({
  metadata,
  spec: z.object({
    nodeName: maybe(z.string()),
    containers: none(
      z.object({
        name: z.string(),
        resources: maybe(z.object({ requests: quantities, limits: quantities })),
      }),
    ),
  }),
  status: z
    .object({
      phase: maybe(z.string()),
      reason: maybe(z.string()),
      message: maybe(z.string()),
      podIP: maybe(z.string()),
      conditions: none(condition),
      initContainerStatuses: none(containerStatus),
      containerStatuses: none(containerStatus),
    })
    .prefault({}),
});

export const replicaSet: z.ZodType<ReplicaSet> = z.object({
  metadata,
  status: z.object({ conditions: none(condition) }).prefault({}),
});

export const scale: z.ZodType<Scale> = z.object({
  metadata,
  spec: z.object({ replicas: z.int().default(0) }).prefault({}),
  status: z.object({ selector: maybe(z.string()) }).prefault({}),
});

export const autoscaler: z.ZodType<Autoscaler> = z.object({
  metadata,
  spec: z.object({
    minReplicas: maybe(z.number()),
    maxReplicas: maybe(z.number()),
    scaleTargetRef: z.object({ apiVersion: maybe(z.string()), kind: z.string(), name: z.string() }),
  }),
});

export const node: z.ZodType<Node> = z.object({
  metadata,
  spec: z
    .object({
      unschedulable: maybe(z.boolean()),
      taints: none(z.object({ key: z.string() })),
    })
    .prefault({}),
});

export const podMetrics: z.ZodType<PodMetrics> = z.object({
  metadata,
  timestamp: z.string(),
  containers: none(z.object({ name: z.string(), usage: z.record(z.string(), z.string()) })),
});

export const page: z.ZodType<Page> = z.object({
  metadata: z.object({ continue: maybe(z.string()) }).prefault({}),
  items: none(z.unknown()),
});

import { z } from 'zod';

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

/** A pod, as far as the driver reads it. */
export const pod = z.object({
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

/** A pod of the answer. */
export type Pod = z.output<typeof pod>;

/** What stands between a Deployment and its pods. */
export const replicaSet = z.object({
  metadata,
  status: z.object({ conditions: none(condition) }).prefault({}),
});

/** A ReplicaSet of the answer. */
export type ReplicaSet = z.output<typeof replicaSet>;

/** `autoscaling/v1`'s Scale, which every kind that can be scaled shows. */
export const scale = z.object({
  metadata,
  spec: z.object({ replicas: z.int().default(0) }).prefault({}),
  status: z.object({ selector: maybe(z.string()) }).prefault({}),
});

/** The count of a target, and how its pods are found. */
export type Scale = z.output<typeof scale>;

/** A HorizontalPodAutoscaler. */
export const autoscaler = z.object({
  metadata,
  spec: z.object({
    minReplicas: maybe(z.number()),
    maxReplicas: maybe(z.number()),
    scaleTargetRef: z.object({ apiVersion: maybe(z.string()), kind: z.string(), name: z.string() }),
  }),
});

/** An autoscaler of the answer. */
export type Autoscaler = z.output<typeof autoscaler>;

/** A machine. */
export const node = z.object({
  metadata,
  spec: z
    .object({
      unschedulable: maybe(z.boolean()),
      taints: none(z.object({ key: z.string(), value: maybe(z.string()), effect: z.string() })),
    })
    .prefault({}),
});

/** A node of the answer. */
export type Node = z.output<typeof node>;

/** What metrics-server measured of a pod. */
export const podMetrics = z.object({
  metadata,
  timestamp: z.string(),
  containers: none(z.object({ name: z.string(), usage: z.record(z.string(), z.string()) })),
});

/** Metrics of the answer. */
export type PodMetrics = z.output<typeof podMetrics>;

/** A page of a list; items are read one by one by their own schema. */
export const page = z.object({
  metadata: z.object({ continue: maybe(z.string()) }).prefault({}),
  items: none(z.unknown()),
});

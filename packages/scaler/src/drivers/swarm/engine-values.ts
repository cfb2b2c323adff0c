import { z } from 'zod';

// What the driver reads of the Engine's answers; everything else passes unread.

/** `GET /version`. */
export const engineVersion: z.ZodType<{ readonly ApiVersion: string }> = z.object({
  ApiVersion: z.string().regex(/^\d+\.\d+$/),
});

/** `GET /info`, of the Engine's place in the Swarm. */
export const engineInfo: z.ZodType<{ readonly Swarm: { readonly NodeID: string } }> = z.object({
  Swarm: z.object({ NodeID: z.string() }),
});

/** One of `GET /services`. Its `Spec` goes back whole with an update, so nothing of it may be lost. */
export interface EngineService {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
}

/** What a service shall be. */
export interface ServiceSpec {
  readonly [more: string]: unknown;
  readonly Name: string;
  readonly Mode: {
    readonly [more: string]: unknown;
    readonly Replicated?:
      | { readonly [more: string]: unknown; readonly Replicas?: number | undefined }
      | undefined;
  };
  readonly TaskTemplate: {
    readonly [more: string]: unknown;
    readonly ContainerSpec?: ContainerSpec | null | undefined;
    readonly RestartPolicy?: RestartPolicy | null | undefined;
  };
}

interface ContainerSpec {
  readonly [more: string]: unknown;
  readonly Image?: string | undefined;
  readonly Healthcheck?: HealthCheck | null | undefined;
}

interface HealthCheck {
  readonly [more: string]: unknown;
  readonly Test?: readonly string[] | null | undefined;
}

interface RestartPolicy {
  readonly [more: string]: unknown;
  readonly Condition?: string | undefined;
  readonly MaxAttempts?: number | null | undefined;
}

const healthCheck = z.looseObject({ Test: z.array(z.string()).nullish() });

/** `GET /services/NAME`. */
export const engineService: z.ZodType<EngineService> = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.int() }),
  Spec: z.looseObject({
    Name: z.string(),
    Mode: z.looseObject({ Replicated: z.looseObject({ Replicas: z.int().optional() }).optional() }),
    TaskTemplate: z.looseObject({
      ContainerSpec: z
        .looseObject({ Image: z.string().optional(), Healthcheck: healthCheck.nullish() })
        .nullish(),
      RestartPolicy: z
        .looseObject({ Condition: z.string().optional(), MaxAttempts: z.int().nullish() })
        .nullish(),
    }),
  }),
});

/** One of `GET /tasks`. */
export interface EngineTask {
  readonly ID: string;
  readonly CreatedAt: string;
  /** 0 where the service has one on each node. */
  readonly Slot: number;
  /** Empty while it has none. */
  readonly NodeID: string;
  readonly DesiredState: string;
  readonly Status: {
    readonly State: string;
    readonly Err?: string | undefined;
    readonly Message?: string | undefined;
    readonly ContainerStatus?: { readonly ContainerID?: string | undefined } | null | undefined;
    readonly PortStatus?: { readonly Ports?: readonly PublishedPort[] | null | undefined } | null | undefined;
  };
  readonly Spec: { readonly Resources?: { readonly Limits?: Limits | null | undefined } | null | undefined };
  readonly NetworksAttachments?: readonly NetworkAttachment[] | null | undefined;
}

interface PublishedPort {
  readonly TargetPort?: number | undefined;
  readonly PublishedPort?: number | undefined;
  readonly PublishMode?: string | undefined;
}

interface Limits {
  readonly NanoCPUs?: number | undefined;
}

interface NetworkAttachment {
  readonly Network: {
    readonly Spec: { readonly Name: string };
    readonly DriverState?: { readonly Name?: string | undefined } | null | undefined;
  };
  /** With the length of their prefix. */
  readonly Addresses?: readonly string[] | null | undefined;
}

const publishedPort = z.object({
  TargetPort: z.int().optional(),
  PublishedPort: z.int().optional(),
  PublishMode: z.string().optional(),
});

const networkAttachment = z.object({
  Network: z.object({
    Spec: z.object({ Name: z.string() }),
    DriverState: z.object({ Name: z.string().optional() }).nullish(),
  }),
  Addresses: z.array(z.string()).nullish(),
});

/** `GET /tasks`. */
export const engineTasks: z.ZodType<readonly EngineTask[]> = z.array(
  z.object({
    ID: z.string(),
    CreatedAt: z.string(),
    Slot: z.int().default(0),
    NodeID: z.string().default(''),
    DesiredState: z.string(),
    Status: z.object({
      State: z.string(),
      Err: z.string().optional(),
      Message: z.string().optional(),
      ContainerStatus: z.object({ ContainerID: z.string().optional() }).nullish(),
      PortStatus: z.object({ Ports: z.array(publishedPort).nullish() }).nullish(),
    }),
    Spec: z.object({
      Resources: z.object({ Limits: z.object({ NanoCPUs: z.number().optional() }).nullish() }).nullish(),
    }),
    NetworksAttachments: z.array(networkAttachment).nullish(),
  }),
);

/** One of `GET /nodes`. */
export interface EngineNode {
  readonly ID: string;
  readonly Spec: { readonly Availability?: string | undefined };
  readonly Description?: { readonly Hostname: string } | null | undefined;
  readonly Status: { readonly State: string; readonly Addr?: string | undefined };
  readonly ManagerStatus?: { readonly Addr?: string | undefined } | null | undefined;
}

/** `GET /nodes`. */
export const engineNodes: z.ZodType<readonly EngineNode[]> = z.array(
  z.object({
    ID: z.string(),
    Spec: z.object({ Availability: z.string().optional() }),
    Description: z.object({ Hostname: z.string().default('') }).nullish(),
    Status: z.object({ State: z.string(), Addr: z.string().optional() }),
    ManagerStatus: z.object({ Addr: z.string().optional() }).nullish(),
  }),
);

/** `GET /images/NAME/json`, of what containers do by themselves. */
export const engineImage: z.ZodType<EngineImage> = z.object({
  Config: z.object({ Healthcheck: healthCheck.nullish() }).nullish(),
});

interface EngineImage {
  readonly Config?: { readonly Healthcheck?: HealthCheck | null | undefined } | null | undefined;
}

/** `GET /containers/ID/stats`; of a container that has ended all numbers are absent. */
export interface EngineStats {
  /** When it was looked. */
  readonly read: string;
  readonly cpu_stats: {
    /** In ns of CPU time. */
    readonly cpu_usage: { readonly total_usage?: number | undefined };
    readonly online_cpus?: number | undefined;
  };
  /** In bytes; without a limit, `limit` is what the machine has. */
  readonly memory_stats: {
    readonly usage?: number | undefined;
    readonly limit?: number | undefined;
    readonly stats?: Readonly<Record<string, unknown>> | undefined;
  };
}

/** `GET /containers/ID/stats`. */
export const engineStats: z.ZodType<EngineStats> = z.object({
  read: z.string(),
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: z.number().optional() }),
    online_cpus: z.number().optional(),
  }),
  memory_stats: z.object({
    usage: z.number().optional(),
    limit: z.number().optional(),
    stats: z.record(z.string(), z.unknown()).optional(),
  }),
});

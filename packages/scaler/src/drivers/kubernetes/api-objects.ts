/** What the driver reads of Kubernetes' objects. Times are as the API writes them, quantities too (`250m`, `2Gi`). */
interface Metadata {
  readonly name: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly creationTimestamp: string | undefined;
  /** It is to end, and may still run for a while. */
  readonly deletionTimestamp: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences: readonly Owner[];
}

/** To whom an object belongs; at most one of its owners keeps it (`controller`). */
export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean | undefined;
}

/** Something that is so, or isn't, or that nobody knows of. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly lastTransitionTime: string | undefined;
}

/** One container of a pod as its node sees it. */
export interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state:
    | {
        readonly waiting:
          | { readonly reason: string | undefined; readonly message: string | undefined }
          | undefined;
        readonly running: { readonly startedAt: string | undefined } | undefined;
      }
    | undefined;
}

type Quantities = Readonly<Record<string, string>> | undefined;

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: {
    /** Undefined until a node was found. */
    readonly nodeName: string | undefined;
    readonly containers: readonly {
      readonly name: string;
      readonly resources: { readonly requests: Quantities; readonly limits: Quantities } | undefined;
    }[];
  };
  readonly status: {
    readonly phase: string | undefined;
    readonly reason: string | undefined;
    readonly message: string | undefined;
    readonly podIP: string | undefined;
    readonly conditions: readonly Condition[];
    readonly initContainerStatuses: readonly ContainerStatus[];
    readonly containerStatuses: readonly ContainerStatus[];
  };
}

/** What stands between a Deployment and its pods. */
export interface ReplicaSet {
  readonly metadata: Metadata;
  readonly status: { readonly conditions: readonly Condition[] };
}

/** The count of whatever can be scaled, and how its pods are found (`autoscaling/v1`). */
export interface Scale {
  readonly metadata: Metadata;
  readonly spec: { readonly replicas: number };
  readonly status: { readonly selector: string | undefined };
}

/** A HorizontalPodAutoscaler. */
export interface Autoscaler {
  readonly metadata: Metadata;
  readonly spec: {
    readonly minReplicas: number | undefined;
    readonly maxReplicas: number | undefined;
    readonly scaleTargetRef: {
      readonly apiVersion: string | undefined;
      readonly kind: string;
      readonly name: string;
    };
  };
}

export interface Node {
  readonly metadata: Metadata;
  readonly spec: {
    /** Cordoned: nothing new comes here. */
    readonly unschedulable: boolean | undefined;
    readonly taints: readonly { readonly key: string }[];
  };
}

/** What metrics-server measured of a pod, and when. */
export interface PodMetrics {
  readonly metadata: Metadata;
  readonly timestamp: string;
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
}

/** A part of a list. */
export interface Page {
  readonly metadata: { readonly continue: string | undefined };
  readonly items: readonly unknown[];
}

import { z } from 'zod';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { LazyClient } from './lazy-client.ts';

/** What EC2 knows of an instance. */
export interface InstanceAddress {
  /** Absent until it has one, and again after its end. */
  readonly privateIp?: string;
  /** Such as `pending`, `running` or `shutting-down`. */
  readonly state: string;
  readonly launchedAtMs?: number;
  /** Absent for on-demand instances. */
  readonly lifecycle?: 'spot';
}

/** Looks instances up by id. */
export interface InstanceAddresses {
  /** Any number of ids; those that EC2 doesn't know (yet, or any more) are left out. Rejects with a `ScalerError`. */
  instanceAddresses(
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, InstanceAddress>>;
  close(): Promise<void>;
}

/** The owner of EC2's DescribeInstances; needs ec2:DescribeInstances. The SDK is an optional dependency: 28 MB. */
export function openInstanceAddresses(settings: AwsSettings): InstanceAddresses {
  const ec2 = new LazyClient(async () => {
    const { EC2Client, ...commands } = await import('@aws-sdk/client-ec2');
    return { ...commands, client: new EC2Client(clientConfig(settings)) };
  });
  return {
    async instanceAddresses(ids, signal) {
      const found = new Map<string, InstanceAddress>();
      for (let from = 0; from < ids.length; from += IDS_PER_CALL) {
        const some = ids.slice(from, from + IDS_PER_CALL);
        await ec2.call(`describing ${some.length} instance(s)`, signal, async (sdk) => {
          // A filter instead of ids: one that EC2 doesn't know would fail the whole call.
          const of = { Filters: [{ Name: 'instance-id', Values: [...some] }] };
          const pages = sdk.paginateDescribeInstances({ client: sdk.client }, of, { abortSignal: signal });
          for await (const { Reservations } of pages) {
            for (const { id, ...address } of reservationsSchema.parse(Reservations ?? []))
              found.set(id, address);
          }
        });
      }
      return found;
    },
    close: () => ec2.close(),
  };
}

/** A filter takes 200 values. */
const IDS_PER_CALL = 100;

const instanceSchema = z
  .object({
    InstanceId: z.string(),
    PrivateIpAddress: z.string().optional(),
    State: z.object({ Name: z.string().default('pending') }).default({ Name: 'pending' }),
    LaunchTime: z.date().optional(),
    InstanceLifecycle: z.string().optional(),
  })
  .transform((instance) => ({
    id: instance.InstanceId,
    state: instance.State.Name,
    ...(instance.PrivateIpAddress ? { privateIp: instance.PrivateIpAddress } : {}),
    ...(instance.LaunchTime ? { launchedAtMs: instance.LaunchTime.getTime() } : {}),
    ...(instance.InstanceLifecycle === 'spot' ? { lifecycle: 'spot' as const } : {}),
  }));

const reservationsSchema = z
  .array(z.object({ Instances: z.array(instanceSchema).default([]) }))
  .transform((reservations) => reservations.flatMap(({ Instances }) => Instances));

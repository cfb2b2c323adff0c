import { createHash } from 'node:crypto';
import type { RunInstanceRequest } from '../../aws/ec2-api.ts';
import type { Ec2HostOptions } from './ec2-driver-options.ts';
import { hostTags } from './host-tags.ts';
import type { Purchase } from './purchase.ts';

/** One way to launch a host; the next is tried when there is no room. */
export interface LaunchAttempt {
  readonly purchase: Purchase;
  readonly request: RunInstanceRequest;
}

/**
 * The ways to launch a replica's host, always the same for the same replica and options: each purchase in each instance type, in each subnet. Each has a token of its own,
 * made of what it asks for, so that asking again never launches again, after a restart as well.
 *
 * @param round makes other tokens, for one whose tokens can't be used
 */
export function launchAttempts(
  group: string,
  id: string,
  purchases: readonly Purchase[],
  options: Ec2HostOptions,
  round: number = 0,
): readonly LaunchAttempt[] {
  const types = orTemplates(options.instanceTypes);
  const subnets = rotated(orTemplates(options.subnetIds), id);
  const { pool } = options;
  return purchases.flatMap((purchase) =>
    types.flatMap((instanceType) =>
      subnets.map((subnetId): LaunchAttempt => {
        const place = {
          ...(instanceType !== undefined && { instanceType }),
          ...(subnetId !== undefined && { subnetId }),
        };
        return {
          purchase,
          request: {
            clientToken: tokenOf([
              ...[pool, group, id, purchase, instanceType ?? '', subnetId ?? ''],
              ...(round > 0 ? [String(round)] : []),
            ]),
            launchTemplate: options.launchTemplate,
            spot: purchase === 'spot',
            tags: hostTags({ pool, group, id, purchase }, options.tags),
            ...place,
          },
        };
      }),
    ),
  );
}

/** 64 characters of the 64 that EC2 takes. */
function tokenOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function orTemplates(values: readonly string[]): readonly (string | undefined)[] {
  return values.length === 0 ? [undefined] : values;
}

/** Each replica begins with another one, which spreads them; the same one always with the same. */
function rotated<T>(values: readonly T[], id: string): readonly T[] {
  const start = createHash('sha256').update(id).digest().readUInt32BE() % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

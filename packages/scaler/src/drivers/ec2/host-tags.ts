import type { Ec2Instance } from '../../aws/ec2-api.ts';
import type { Purchase } from './purchase.ts';

/** Whose host it is. */
const POOL_TAG = 'forebay:pool';
const GROUP_TAG = 'forebay:group';
/** Which replica it is. */
export const REPLICA_TAG = 'forebay:replica';
/** How it was bought. */
export const PURCHASE_TAG = 'forebay:purchase';

/** By which the hosts of a group are found. */
export function groupTags(pool: string, group: string): Readonly<Record<string, string>> {
  return { [POOL_TAG]: pool, [GROUP_TAG]: group };
}

/** What is written on a host when it is launched. */
export function hostTags(
  { pool, group, id, purchase }: HostLabel,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    Name: id,
    ...more,
    ...groupTags(pool, group),
    [REPLICA_TAG]: id,
    [PURCHASE_TAG]: purchase,
  };
}

/** How it was bought, by its tag and what EC2 says. */
export function purchaseOf({ spot, tags }: Ec2Instance): Purchase {
  if (spot) return 'spot';
  return tags[PURCHASE_TAG] === 'on-demand-fallback' ? 'on-demand-fallback' : 'on-demand';
}

interface HostLabel {
  readonly pool: string;
  readonly group: string;
  readonly id: string;
  readonly purchase: Purchase;
}

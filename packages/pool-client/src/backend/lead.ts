/** How early the ready batch leaves at first, in milliseconds. */
export const FIRST_LEAD_MS = 3;

const LEAD = { leastMs: 1, mostMs: 25, dryMs: 1, hit: 0.95 };

/**
 * How early the next ready batch leaves, in milliseconds: earlier after a backend ran dry while work waited, a little later after it did not.
 * At most half the time of a full batch, `batchMs`.
 */
export function nextLeadMs(leadMs: number, ranDry: boolean, batchMs: number): number {
  const lead = ranDry ? leadMs + LEAD.dryMs : leadMs * LEAD.hit;
  return Math.max(LEAD.leastMs, Math.min(LEAD.mostMs, batchMs / 2, lead));
}

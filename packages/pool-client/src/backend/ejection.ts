import type { Random } from '../random.ts';

/** What was seen of a backend lately, and of the others that serve the same model. */
export interface Evidence {
  /** Failures since its last good batch. */
  readonly inARow: number;
  /** Batches that ended in the window, and how many of them failed. */
  readonly batches: number;
  readonly failures: number;
  /** Other backends that serve the model now. */
  readonly othersServing: number;
  /** Share of the others' batches in the window that failed, 0 to 1. */
  readonly othersFailureShare: number;
}

export interface EjectionRules {
  /** Failures in a row that eject. @default 3 */
  readonly inARow: number;
  /** Failures in a row that eject the last one; it goes on being tried with small batches. @default 5 */
  readonly inARowOfTheLast: number;
  /** Batches in the window before a share means anything. @default 5 */
  readonly minBatches: number;
  /** More failures than this share eject where few others can be compared with. @default 0.5 */
  readonly failureShare: number;
  /** The same beside at least `manyOthers` others; then at least twice `minBatches` are asked for. @default 0.25 */
  readonly failureShareAmongMany: number;
  /** @default 4 */
  readonly manyOthers: number;
  /** A backend is an outlier when it fails this many times as often as the others. @default 3 */
  readonly timesOthers: number;
}

export const EJECTION_RULES: EjectionRules = Object.freeze({
  inARow: 3,
  inARowOfTheLast: 5,
  minBatches: 5,
  failureShare: 0.5,
  failureShareAmongMany: 0.25,
  manyOthers: 4,
  timesOthers: 3,
});

/**
 * Why to eject a backend, for people; undefined to let it serve on.
 *
 * A share of failures ejects only while another serves, since half of the answers are better than none, and only an outlier: when all
 * fail alike the reason lies elsewhere, and those that are left would carry the load of all.
 *
 * Of 5 backends one fails 3 of 10 batches and the others 1 of 100: 0.3 is over 0.25 and over 3 × 0.01, it is ejected. With 2 of them it
 * serves on until it fails more than half.
 */
export function whyEject(seen: Evidence, rules: EjectionRules = EJECTION_RULES): string | undefined {
  const { inARow, batches, failures, othersServing, othersFailureShare } = seen;
  if (inARow >= (othersServing > 0 ? rules.inARow : rules.inARowOfTheLast)) {
    return `its last ${inARow} batches failed`;
  }
  if (othersServing === 0) return undefined;
  const among = othersServing >= rules.manyOthers;
  const most = among ? rules.failureShareAmongMany : rules.failureShare;
  const share = failures / batches;
  if (batches < (among ? 2 : 1) * rules.minBatches || share <= most) return undefined;
  if (share < rules.timesOthers * othersFailureShare) return undefined;
  return `${failures} of its last ${batches} batches failed`;
}

/** How long ejections last, in milliseconds. */
export const EJECTION_MS: Readonly<Record<'first' | 'longest' | 'jitter', number>> = Object.freeze({
  first: 1_000,
  longest: 15_000,
  jitter: 0.25,
});

/** When a backend whose probe failed is asked again, in milliseconds: a probe is a text of our own and costs no caller anything. */
export const PROBE_AGAIN_MS = 2_000;

/** Milliseconds of service without an ejection after which the next one is as short as the one before the last. */
export const FORGIVEN_AFTER_MS = 10_000;

/**
 * How long to leave a backend alone that was in service and is ejected for the `times`-th time (from 1) in a row: doubled each time, so
 * that one that comes and goes is soon mostly gone; and drawn from a quarter less to a quarter more, so that those that fell together do not
 * come back together.
 */
export function ejectionMs(times: number, random: Random): number {
  const { first, longest } = EJECTION_MS;
  return withJitter(Math.min(longest, first * 2 ** Math.min(30, times - 1)), random);
}

/** When to ask again after a failed probe. */
export function probeAgainMs(random: Random): number {
  return withJitter(PROBE_AGAIN_MS, random);
}

function withJitter(ms: number, random: Random): number {
  return ms * (1 + EJECTION_MS.jitter * (2 * random() - 1));
}

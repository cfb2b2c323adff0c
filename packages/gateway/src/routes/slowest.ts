/** Bytes of one caller on their way: a body that comes, or an answer that is to be read. */
export interface UnderWay {
  readonly bytes: number;
  readonly sinceMs: number;
}

/** What is fast enough while there is too little room for all. */
export interface Pace {
  /** For a connection to get going. */
  readonly graceMs: number;
  readonly bytesPerMs: number;
}

/**
 * Which to give up so that at least `neededBytes` become free, or as many as there are: those slower than the pace, the slowest
 * first. Slow is who takes longest for what it has to carry, so that a large answer has more time than a small one.
 */
export function slowest<T extends UnderWay>(
  all: Iterable<T>,
  nowMs: number,
  neededBytes: number,
  { graceMs, bytesPerMs }: Pace,
): readonly T[] {
  const lateness = ({ bytes, sinceMs }: T) => (nowMs - sinceMs) / (graceMs + bytes / bytesPerMs);
  const late = [...all]
    .filter(({ bytes }) => bytes > 0)
    .map((each) => ({ each, lateness: lateness(each) }))
    .filter((entry) => entry.lateness > 1)
    .sort((a, b) => b.lateness - a.lateness);
  const given: T[] = [];
  let freed = 0;
  for (const { each } of late) {
    if (freed >= neededBytes) break;
    given.push(each);
    freed += each.bytes;
  }
  return given;
}

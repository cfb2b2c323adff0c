import { describe, expect, it } from 'vitest';
import { WorkerSearch } from './worker-search.ts';

/** A backend with as many batches under way as the search wants: `speedup` of so many over one. */
function run(
  search: WorkerSearch,
  untilMs: number,
  speedup: (inFlight: number, nowMs: number) => number,
  saturated = true,
) {
  const seen: number[] = [];
  for (let nowMs = 0; nowMs < untilMs; ) {
    const { workers } = search;
    const aloneMs = 20 / speedup(workers, nowMs);
    nowMs += aloneMs;
    search.answered({ workMs: 20, underWayMs: workers * aloneMs, saturated }, nowMs);
    if (search.workers !== seen.at(-1)) seen.push(search.workers);
  }
  return seen;
}

describe('WorkerSearch', () => {
  it.each<[string, number, (inFlight: number) => number]>([
    ['one worker', 1, () => 1],
    ['two', 2, (inFlight) => Math.min(2, inFlight)],
    ['three', 3, (inFlight) => Math.min(3, inFlight)],
    ['four', 4, (inFlight) => Math.min(4, inFlight)],
    ['eight', 8, (inFlight) => Math.min(8, inFlight)],
    ['shared cores, where a second brings 10 %', 1, (inFlight) => (inFlight > 1 ? 1.1 : 1)],
    ['shared cores, where a second brings 80 %', 2, (inFlight) => (inFlight > 1 ? 1.8 : 1)],
    ['one that two neighbours send to as well', 1, (inFlight) => inFlight / (inFlight + 2) / (1 / 3)],
  ])('finds %s within half a minute', (_fact, expected, speedup) => {
    const search = new WorkerSearch(8);
    run(search, 30_000, speedup);
    expect([search.workers, search.trying]).toEqual([expected, false]);
  });

  it('never keeps more under way than the most, nor less than one', () => {
    const seen = run(new WorkerSearch(3), 60_000, (inFlight) => inFlight);
    expect([Math.min(...seen), Math.max(...seen)]).toEqual([1, 3]);
    expect(run(new WorkerSearch(1), 60_000, (inFlight) => inFlight)).toEqual([1]);
  });

  it('gives workers up that are no longer there', () => {
    const search = new WorkerSearch(8);
    run(search, 10_000, (inFlight) => Math.min(4, inFlight));
    expect(search.workers).toBe(4);
    run(search, 60_000, () => 1);
    expect(search.workers).toBe(1);
  });

  it('rests 5 s after a failed try, then twice as long', () => {
    const tries = (untilMs: number) =>
      run(new WorkerSearch(8), untilMs, () => 1).filter((workers) => workers === 2).length;
    expect([tries(3_000), tries(5_500), tries(8_000), tries(15_000), tries(18_500)]).toEqual([1, 1, 2, 2, 3]);
  });

  it('gives a try up when the backend has become slow meanwhile', () => {
    const search = new WorkerSearch(8);
    run(search, 60_000, (inFlight, nowMs) => (inFlight > 1 && nowMs < 2_000 ? 0.02 : 1));
    expect(search.workers).toBe(1);
  });

  it('tries nothing while the backend is not kept busy', () => {
    expect(run(new WorkerSearch(8), 60_000, (inFlight) => inFlight, false)).toEqual([1]);
  });
});

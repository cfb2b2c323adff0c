import { describe, expect, it } from 'vitest';
import { WorkerSearch } from './worker-search.ts';

/** A backend with as many batches under way as the search wants: `speedup` of so many over one. */
function run(search: WorkerSearch, untilMs: number, speedup: (inFlight: number) => number, saturated = true) {
  const seen: number[] = [];
  for (let nowMs = 0; nowMs < untilMs; ) {
    nowMs += 20 / speedup(search.workers);
    search.answered(20, nowMs, saturated);
    if (search.workers !== seen.at(-1)) seen.push(search.workers);
  }
  return seen;
}

describe('WorkerSearch', () => {
  it.each([
    ['one worker', 1, (inFlight: number) => Math.min(1, inFlight)],
    ['two', 2, (inFlight: number) => Math.min(2, inFlight)],
    ['four', 4, (inFlight: number) => Math.min(4, inFlight)],
    ['shared cores, where a second brings 10 %', 1, (inFlight: number) => (inFlight > 1 ? 1.1 : 1)],
  ])('finds %s', (_fact, expected, speedup) => {
    const search = new WorkerSearch(8);
    run(search, 9_000, speedup);
    expect([search.workers, search.trying]).toEqual([expected, false]);
  });

  it('never keeps more under way than the most', () => {
    const seen = run(new WorkerSearch(3), 60_000, (inFlight) => inFlight);
    expect(seen).toEqual([1, 2, 3]);
    expect(run(new WorkerSearch(1), 60_000, (inFlight) => inFlight)).toEqual([1]);
  });

  it('rests 10 s after a failed try, then twice as long', () => {
    const tries = (untilMs: number) =>
      run(new WorkerSearch(8), untilMs, () => 1).filter((workers) => workers === 2).length;
    expect([tries(10_500), tries(13_000), tries(30_000), tries(36_000)]).toEqual([1, 2, 2, 3]);
  });

  it('tries nothing while the backend is not kept busy', () => {
    expect(run(new WorkerSearch(8), 60_000, (inFlight) => inFlight, false)).toEqual([1]);
  });
});

import { readFileSync } from 'node:fs';

/** One line of the preload. */
export interface Sample {
  /** Unix time. */
  readonly atMs: number;
  /** Whether garbage was collected just before. */
  readonly isAfterGc: boolean;
  readonly memory: Readonly<Record<'rss' | 'heapTotal' | 'heapUsed' | 'external' | 'arrayBuffers', number>>;
  /** What keeps the event loop alive, counted by type. */
  readonly resources: Readonly<Record<string, number>>;
  readonly openFiles: number;
  /** Of the second before. */
  readonly lag: { readonly p99Ms: number; readonly maxMs: number };
}

/** All lines that are whole. */
export function readSamples(file: string): Sample[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line): Sample => JSON.parse(line));
}

/** The line closest to the points, by least squares; flat where there are fewer than two. */
export function linearFit(points: readonly (readonly [x: number, y: number])[]): {
  readonly slope: number;
  readonly mean: number;
} {
  const count = Math.max(1, points.length);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const mean = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const squares = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const products = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - mean), 0);
  return { slope: squares === 0 ? 0 : products / squares, mean };
}

/** How memory after garbage collections went up (or down) between two times, by a linear fit. */
export interface Growth {
  readonly samples: number;
  readonly meanMiB: number;
  readonly growthMiB: number;
  readonly percentPerHour: number;
}

export function growthOf(
  samples: readonly Sample[],
  read: (sample: Sample) => number,
  [fromMs, toMs]: readonly [number, number],
): Growth {
  const inside = samples.filter(({ isAfterGc, atMs }) => isAfterGc && atMs >= fromMs && atMs <= toMs);
  const { slope, mean } = linearFit(inside.map((sample) => [sample.atMs - fromMs, read(sample) / 2 ** 20]));
  return {
    samples: inside.length,
    meanMiB: mean,
    growthMiB: slope * (toMs - fromMs),
    percentPerHour: mean === 0 ? 0 : (slope * 3_600_000 * 100) / mean,
  };
}

/** The value below which that share of the numbers lies; 0 of none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

import type { Outcome } from './load.ts';
import { allWereUnwell, type Spell } from './mischief-maker.ts';
import { type Growth, growthOf, percentile, type Sample } from './samples.ts';
import type { Tally } from './tally.ts';

/** What a soak was. */
export interface SoakRecord {
  readonly tally: Tally;
  readonly spells: readonly Spell[];
  readonly samples: readonly Sample[];
  readonly backends: number;
  /** Unix times: load begins, load ends, the last look. */
  readonly loadMs: readonly [from: number, to: number];
  /** Sample before the load, and the one 10 s after it. */
  readonly before: Sample;
  readonly after: Sample;
}

/** One line of the table, and whether it holds. */
export interface Finding {
  readonly what: string;
  readonly figure: string;
  readonly holds: boolean;
}

/** A backend that was well again may be rested for so long before it is asked again. */
export const REST_MS = 3_000;
/**
 * Heap after collections under load, by a linear fit over the second half, and idle heap from before the load to after it. In ten
 * minutes a gateway that kept 100 bytes of each text would exceed it four times over; answers under way make the fit vary by some MiB.
 */
const MOST_GROWTH_MIB = 10;
/** What the pool may keep open to each backend when idle. */
const IDLE_PER_BACKEND = 12;

export function findingsOf(record: SoakRecord): Finding[] {
  const { tally, samples, backends, loadMs, before, after } = record;
  const [fromMs, toMs] = loadMs;
  const secondHalf = [fromMs + (toMs - fromMs) / 2, toMs] as const;
  const heap = growthOf(samples, ({ memory }) => memory.heapUsed, secondHalf);
  const buffers = growthOf(samples, ({ memory }) => memory.arrayBuffers, secondHalf);
  const loaded = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const unexcused = unexcusedFailures(record);
  const allowance = backends * IDLE_PER_BACKEND;
  const { counts } = tally;
  const lagMs = loaded.map(({ lag }) => lag.p99Ms);
  return [
    finding('requests', `${tally.requests}, ${tally.texts} texts embedded`, counts.right > 0),
    finding('wrong vectors', `${counts.wrong}`, counts.wrong === 0),
    finding('lost requests', `${counts.lost}`, counts.lost === 0),
    finding(
      'failed requests',
      `${counts.failed}, ${unexcused.length} of them while a backend was well`,
      unexcused.length === 0,
    ),
    finding('refused for poison / given up', `${counts['refused-poison']} / ${counts.aborted}`, true),
    finding(
      'singles p50 / p99',
      `${percentile(tally.singlesMs, 0.5)} / ${percentile(tally.singlesMs, 0.99)} ms`,
      true,
    ),
    finding('heap after gc', describeGrowth(heap), isFlat(heap)),
    finding('array buffers after gc', describeGrowth(buffers), isFlat(buffers)),
    finding(
      'idle heap before / after the load',
      `${(before.memory.heapUsed / 2 ** 20).toFixed(1)} / ${(after.memory.heapUsed / 2 ** 20).toFixed(1)} MiB`,
      after.memory.heapUsed - before.memory.heapUsed <= MOST_GROWTH_MIB * 2 ** 20,
    ),
    finding(
      'rss start / most / end',
      `${mib(before.memory.rss)} / ${mib(Math.max(...loaded.map(({ memory }) => memory.rss)))} / ${mib(after.memory.rss)} MiB`,
      true,
    ),
    finding(
      'open files start / end',
      `${before.openFiles} / ${after.openFiles}`,
      after.openFiles <= before.openFiles + allowance,
    ),
    ...['Timeout', 'TCPSocketWrap'].map((name) => resourceFinding(name, before, after, allowance)),
    finding(
      'event loop delay, p99 of a second',
      `median ${ms(percentile(lagMs, 0.5))}, p99 ${ms(percentile(lagMs, 0.99))}; most ${ms(Math.max(...loaded.map(({ lag }) => lag.maxMs)))}`,
      true,
    ),
  ];
}

/** Failures of requests during which there was a backend that was well. */
export function unexcusedFailures({ tally, spells, backends }: SoakRecord): Outcome[] {
  return tally.troubles.filter(
    ({ kind, fromMs, toMs }) =>
      kind === 'failed' && !allWereUnwell(spells, backends, [fromMs, toMs], REST_MS),
  );
}

function finding(what: string, figure: string, holds: boolean): Finding {
  return { what, figure, holds };
}

function resourceFinding(name: string, before: Sample, after: Sample, allowance: number): Finding {
  const [start, end] = [before.resources[name] ?? 0, after.resources[name] ?? 0];
  return finding(`${name} start / end`, `${start} / ${end}`, end <= start + allowance);
}

function isFlat({ growthMiB }: Growth): boolean {
  return growthMiB <= MOST_GROWTH_MIB;
}

function describeGrowth({ meanMiB, growthMiB, percentPerHour, samples }: Growth): string {
  return `mean ${meanMiB.toFixed(1)} MiB, ${growthMiB.toFixed(2)} MiB up over the second half (${percentPerHour.toFixed(0)} %/h, ${samples} samples)`;
}

const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
const ms = (value: number) => `${value.toFixed(1)} ms`;

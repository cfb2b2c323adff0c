import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedSystem } from '../../src/simulate/controller.ts';
import { awsTargetTracking } from '../../src/simulate/references/aws-target-tracking.ts';
import { fixed } from '../../src/simulate/references/fixed.ts';
import { hpa } from '../../src/simulate/references/hpa.ts';
import { hpa002 } from '../../src/simulate/references/hpa-002.ts';
import { knative } from '../../src/simulate/references/knative.ts';
import type { Yardsticks } from './criteria.ts';
import { FLOOR_SECONDS, type Measured, measure, shiftedBy } from './measure.ts';
import { fingerprintOf } from './traces.ts';

const SIMULATE = new URL('../../src/simulate/', import.meta.url);

/** Measures the references and fixed counts, or finds them in the temp folder from an earlier run of the same code. */
export function yardsticksFor(
  requests: readonly number[],
  system: SimulatedSystem,
  shifts: readonly number[],
  skipSeconds: number,
): Yardsticks {
  const folder = join(tmpdir(), `forebay-scoreboard-${CODE}`);
  const key = JSON.stringify([fingerprintOf(requests), system, shifts, skipSeconds]);
  const path = join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 24)}.json`);
  const known = readKnown(path);
  if (known !== undefined) return known;
  const traces = shiftedBy(requests, shifts);
  const warm = (policy: typeof hpa): Measured => measure(traces, system, policy, skipSeconds);
  const yardsticks = {
    hpa: warm(hpa),
    hpa002: warm(hpa002),
    awsTargetTracking: warm(awsTargetTracking),
    knative: warm(knative),
    hpaCold: measure(traces, { ...system, initial: 1 }, hpa, 0),
    fixed: fixedCounts(requests, system, skipSeconds),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path,
    JSON.stringify(yardsticks, (_, value) => (value === Infinity ? 'Infinity' : value)),
  );
  return yardsticks;
}

/** Fixed counts from what the mean needs up to the first that keeps waits below what counts; above 30 in steps of 3 %. */
function fixedCounts(
  requests: readonly number[],
  system: SimulatedSystem,
  skipSeconds: number,
): Yardsticks['fixed'] {
  const mean = requests.reduce((sum, count) => sum + count, 0) / requests.length;
  const measured: (Measured & { readonly count: number })[] = [];
  for (
    let count = Math.ceil(mean / system.perReplica);
    count <= system.max;
    count = Math.max(count + 1, Math.round(count * 1.03))
  ) {
    const one = measure([requests], { ...system, initial: count }, fixed(count), skipSeconds);
    measured.push({ ...one, count });
    if (one.p99 <= FLOOR_SECONDS) break;
  }
  return measured;
}

function readKnown(path: string): Yardsticks | undefined {
  try {
    // Written by the same code (its hash is in the path).
    return JSON.parse(readFileSync(path, 'utf8'), (_, value) =>
      value === 'Infinity' ? Infinity : value,
    ) as Yardsticks;
  } catch {
    // Not there, or half written by a run that was stopped: it is measured again.
    return undefined;
  }
}

/** Changes with any file that a yardstick depends on, and with no other. */
const CODE = [
  ...['simulator', 'fluid-queue', 'fleet', 'waits', 'rolling-mean'].map((name) => `${name}.ts`),
  ...readdirSync(new URL('references/', SIMULATE)).map((name) => `references/${name}`),
]
  .filter((path) => !/\.test(-support)?\.ts$/.test(path))
  .map((path) => readFileSync(new URL(path, SIMULATE)))
  .reduce((hash, file) => hash.update(file), createHash('sha256'))
  .digest('hex')
  .slice(0, 12);

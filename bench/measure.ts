import { type CpuReading, readCpu } from './cpu-clock.ts';
import { type LoadPlan, type LoadResult, load } from './load.ts';

/** Where the CPU time of one round went; all in seconds. */
export interface CpuUse {
  /** The process under test, with all its workers. */
  readonly target: number;
  /** The process under test and the backends behind it. */
  readonly withBackends: number;
  /** This process, which makes the load. */
  readonly load: number;
  /** Everything else on the machine. */
  readonly foreign: number;
  /** What the hypervisor gave to other machines. */
  readonly steal: number;
  /** All the CPU time there was. */
  readonly total: number;
}

/** One round of one workload on one target. */
export interface Round extends LoadResult {
  /** `undefined` where the machine doesn't tell. */
  readonly cpu: CpuUse | undefined;
}

/** Runs the load and reads the clocks of the processes and the machine around what is counted of it. */
export function measure(
  plan: Omit<LoadPlan, 'onCounting'>,
  targetPids: readonly number[],
  backendPids: readonly number[],
): Promise<Round> {
  return withCpu((onCounting) => load({ ...plan, onCounting }), targetPids, backendPids);
}

/** What a load found, with the CPU time between the two moments that it names. */
export async function withCpu<Result extends object>(
  run: (onCounting: LoadPlan['onCounting']) => Promise<Result>,
  targetPids: readonly number[],
  backendPids: readonly number[],
): Promise<Result & Pick<Round, 'cpu'>> {
  const pids = [...new Set([...targetPids, ...backendPids]), process.pid];
  const readings = new Map<'begins' | 'ends', CpuReading | undefined>();
  const result = await run((moment) => readings.set(moment, readCpu(pids)));
  const [before, after] = [readings.get('begins'), readings.get('ends')];
  if (before === undefined || after === undefined) return { ...result, cpu: undefined };
  return { ...result, cpu: cpuUse(before, after, targetPids.length) };
}

/** What was used between two readings whose processes are the target's (`targets` of them), other backends, and this one last. */
export function cpuUse(before: CpuReading, after: CpuReading, targets: number): CpuUse {
  const used = after.processSeconds.map((seconds, i) => seconds - (before.processSeconds[i] ?? 0));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const machine = (field: 'busy' | 'steal' | 'total') => after.machine[field] - before.machine[field];
  return {
    target: sum(used.slice(0, targets)),
    withBackends: sum(used.slice(0, -1)),
    load: used.at(-1) ?? 0,
    // The kernel keeps the two books apart, so a quiet machine can come out a tick below nothing.
    foreign: Math.max(0, machine('busy') - sum(used)),
    steal: machine('steal'),
    total: machine('total'),
  };
}

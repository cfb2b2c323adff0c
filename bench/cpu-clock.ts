import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type MachineTimes, parseMachineTicks, parseProcessTicks } from './proc-stat.ts';

/** What `/proc` says at one moment; all in seconds. */
export interface CpuReading {
  /** CPU time of the processes asked for, in their order. */
  readonly processSeconds: readonly number[];
  readonly machine: MachineTimes;
}

/**
 * Reads the CPU time of these processes and of the machine; `undefined` where there is no `/proc` (macOS).
 * Its resolution is one clock tick, usually 10 ms. Throws when one of the processes is gone.
 */
export function readCpu(pids: readonly number[]): CpuReading | undefined {
  if (process.platform !== 'linux') return undefined;
  const perSecond = ticksPerSecond();
  const { busy, steal, total } = parseMachineTicks(readFileSync('/proc/stat', 'utf8'));
  return {
    processSeconds: pids.map(
      (pid) => parseProcessTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) / perSecond,
    ),
    machine: { busy: busy / perSecond, steal: steal / perSecond, total: total / perSecond },
  };
}

let known: number | undefined;

/** Clock ticks of `/proc` in a second. */
function ticksPerSecond(): number {
  known ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return known;
}

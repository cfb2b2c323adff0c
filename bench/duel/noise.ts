import type { CpuUse } from '../measure.ts';

/** Above these shares of the machine's CPU time a round says too little: it is repeated while repeats are left. */
export const MAX_STEAL = 0.02;
export const MAX_FOREIGN = 0.1;

/** What strangers and the hypervisor took beside the bounds; above 1 the round is noisy. Never where the machine doesn't tell. */
export function noiseOf(cpu: CpuUse | undefined): number {
  if (cpu === undefined) return 0;
  return Math.max(cpu.steal / cpu.total / MAX_STEAL, cpu.foreign / cpu.total / MAX_FOREIGN);
}

/** How often one round may be repeated. */
const MAX_REPEATS = 2;

/**
 * Runs a round, and again, twice at most, while it is noisy and `mayRepeat` allows another; the quietest counts. `repeats` says
 * how many were thrown away.
 */
export async function quietest<Round extends { readonly cpu: CpuUse | undefined }>(
  run: () => Promise<Round>,
  mayRepeat: () => boolean,
): Promise<{ readonly round: Round; readonly repeats: number }> {
  let round = await run();
  let repeats = 0;
  while (noiseOf(round.cpu) > 1 && repeats < MAX_REPEATS && mayRepeat()) {
    const again = await run();
    repeats += 1;
    if (noiseOf(again.cpu) < noiseOf(round.cpu)) round = again;
  }
  return { round, repeats };
}

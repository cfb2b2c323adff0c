import type { NamedController, SimulatedState, SimulatedSystem } from '../controller.ts';

/** What a driven controller is told of the second before; the rest is quiet. */
export type Told = Partial<
  Pick<SimulatedState, 'ready' | 'startingAges' | 'utilization' | 'served' | 'queued'>
>;

/**
 * Asks a controller second by second, without a simulator: its answers become the desired count, and that many are ready
 * unless `tell` says otherwise. Returns its changes as `second: from>to`.
 */
export function drive(
  policy: NamedController,
  seconds: number,
  tell: (second: number, desired: number) => Told,
  settings: Partial<SimulatedSystem> = {},
): string {
  const system = { perReplica: 1, startupSeconds: 60, min: 1, initial: 4, max: 100, ...settings };
  const controller = policy.start(system);
  const changes: string[] = [];
  let desired = system.initial;
  for (let second = 0; second < seconds; second += 1) {
    const state = {
      second,
      desired,
      ready: desired,
      startingAges: [],
      arrived: 0,
      served: 0,
      queued: 0,
      oldestSeconds: 0,
      utilization: 0,
      ...tell(second, desired),
    };
    const next = Math.min(system.max, Math.max(system.min, controller.desired(state)));
    if (next !== desired) changes.push(`${second}: ${desired}>${next}`);
    desired = next;
  }
  return changes.join(', ');
}

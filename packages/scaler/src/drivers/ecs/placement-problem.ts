import type { EcsService } from '../../aws/ecs-wire.ts';

/** An older event is of another time: ECS repeats those that hold, at first every few minutes. */
const FRESH_MS = 15 * 60_000;

/** ECS' own sentences for "there is no room", "it can't be started", "it does not stay up" and "the rollout fails". */
const PROBLEM =
  /unable to place a task|unable to consistently start tasks|has reached the limit|operations are being throttled|failed to launch a task|deployment failed|was unable to (register|start)/i;

/** What the service last said against starting tasks, if it is fresh and nothing was started since. */
export function placementProblem({ events }: Pick<EcsService, 'events'>, nowMs: number): string | undefined {
  const newest = [...events].sort((a, b) => b.atMs - a.atMs);
  for (const { atMs, message } of newest) {
    if (nowMs - atMs > FRESH_MS) return undefined;
    if (PROBLEM.test(message)) return message;
    if (/has (started \d+ tasks|reached a steady state)/i.test(message)) return undefined;
  }
  return undefined;
}

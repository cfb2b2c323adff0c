import type { EcsTask } from '../../aws/ecs-wire.ts';
import type { EcsOptions } from './ecs-options.ts';

/**
 * Where a task answers: at the address of its own network interface (awsvpc), else at its instance's address and the port that the container's
 * port is bound to there (bridge, host). Undefined while that isn't known, or where replicas have no URL.
 *
 * @param instanceIp private address of the EC2 instance, where the task runs on one
 */
export function taskUrl(
  task: Pick<EcsTask, 'privateIp' | 'ports'>,
  { url, scheme, port, path }: Pick<EcsOptions, 'url' | 'scheme' | 'port' | 'path'>,
  instanceIp: string | undefined,
): string | undefined {
  if (url === 'none') return undefined;
  if (task.privateIp !== undefined) return `${scheme}://${task.privateIp}:${port}${path}`;
  const hostPort = task.ports.find(({ container }) => container === port)?.host;
  if (instanceIp === undefined || hostPort === undefined) return undefined;
  return `${scheme}://${instanceIp}:${hostPort}${path}`;
}

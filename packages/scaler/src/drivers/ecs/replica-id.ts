/** What a task is called as a replica: its service's name, to be read, and its own id, which ECS never gives again. */
export function replicaId(service: string, taskArn: string): string {
  return `${service}-${taskArn.slice(taskArn.lastIndexOf('/') + 1)}`;
}

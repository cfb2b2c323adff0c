import type { EngineService } from './engine-values.ts';

/** What of a service would make its replicas other than they look; undefined when nothing does. `imageChecks`: whether its image brings a health check. */
export function serviceWarning(
  { Spec }: EngineService,
  imageChecks: boolean | undefined,
): string | undefined {
  const faults = [healthFault(Spec, imageChecks), restartFault(Spec)].filter((each) => each !== undefined);
  return faults.length === 0 ? undefined : `service "${Spec.Name}": ${faults.join('; ')}`;
}

function healthFault({ TaskTemplate }: EngineService['Spec'], imageChecks?: boolean): string | undefined {
  const test = TaskTemplate.ContainerSpec?.Healthcheck?.Test ?? [];
  const own = test.length === 0 ? imageChecks : test[0] !== 'NONE';
  if (own !== false) return undefined;
  return 'it has no health check, so its tasks count as ready before their model is loaded: give it one';
}

function restartFault({ TaskTemplate }: EngineService['Spec']): string | undefined {
  const { Condition = 'any', MaxAttempts } = TaskTemplate.RestartPolicy ?? {};
  if (Condition === 'any' && !MaxAttempts) return undefined;
  const rule = Condition === 'any' ? `${MaxAttempts} attempts at most` : `condition ${Condition}`;
  return `its restart policy (${rule}) may leave ended tasks unreplaced, whatever number is ordered: use condition any without max_attempts`;
}

import type { Hit, Rule } from '../finding.ts';
import { at, items, mapping, numeric } from '../values.ts';

/** An autoscaler with the workload that it scales, where the same file has that. Paths of hits begin with `hpa` or `target`. */
export interface KubernetesSubject {
  readonly hpa: unknown;
  readonly target: unknown;
}

/** A finding in the autoscaler. */
export function inHpa(path: readonly PropertyKey[], why: string, instead: string): Hit {
  return { path: ['hpa', ...path], why, instead };
}

/** A finding in what it scales. */
export function inTarget(path: readonly PropertyKey[], why: string, instead: string): Hit {
  return { path: ['target', ...path], why, instead };
}

/** `kubernetes.io/autoscaling`'s defaults where nothing is written: 1 and, for the window on the way in, 300 s. */
export function limitsOf(hpa: unknown): { readonly min: number; readonly max: number } {
  return {
    min: numeric(at(hpa, 'spec', 'minReplicas')) ?? 1,
    max: numeric(at(hpa, 'spec', 'maxReplicas')) ?? 1,
  };
}

/** The containers of a workload with their paths in it. */
export function containersOf(
  target: unknown,
): { readonly path: PropertyKey[]; readonly container: unknown }[] {
  const path = ['spec', 'template', 'spec', 'containers'];
  return items(at(target, ...path)).map((container, i) => ({ path: [...path, i], container }));
}

/** The longest time until a new pod can be ready, as its readiness probe has it; 0 where none waits. */
export function readinessDelaySeconds(target: unknown): number {
  return Math.max(
    0,
    ...containersOf(target).map(
      ({ container }) => numeric(at(container, 'readinessProbe', 'initialDelaySeconds')) ?? 0,
    ),
  );
}

/** What an autoscaler wants of a resource: its utilisation, in percent of what is requested. */
export function utilizationsOf(
  hpa: unknown,
): { readonly path: PropertyKey[]; readonly resource: string; readonly percent: number }[] {
  return items(at(hpa, 'spec', 'metrics')).flatMap((metric, i) => {
    const { name, target } = mapping(at(metric, 'resource'));
    const percent = numeric(at(target, 'averageUtilization'));
    if (percent === undefined) return [];
    return [
      {
        path: ['spec', 'metrics', i, 'resource', 'target', 'averageUtilization'],
        resource: String(name),
        percent,
      },
    ];
  });
}

/** A rule over each autoscaler. */
export type KubernetesRule = Rule<KubernetesSubject>;

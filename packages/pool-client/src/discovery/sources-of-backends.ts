import type { BackendSource, SourceDependencies } from './backend-source.ts';
import type { BackendTarget, DirectTarget } from './backend-target.ts';
import { dnsSource, type ResolveHost } from './dns-source.ts';
import { staticSource } from './static-source.ts';

/** The sources that a list of backends comes down to: one for all that are set, and one for each name to look up. */
export function sourcesOfBackends(
  targets: readonly BackendTarget[],
  dependencies: SourceDependencies,
  resolve?: ResolveHost,
): readonly BackendSource[] {
  const direct = targets.filter((target): target is DirectTarget => target.kind !== 'dns');
  const names = targets.flatMap((target) => (target.kind === 'dns' ? [target.name] : []));
  return [
    ...(direct.length === 0 ? [] : [staticSource(direct, dependencies)]),
    ...names.map((name) => dnsSource(name, dependencies, resolve)),
  ];
}

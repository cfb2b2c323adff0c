import type { Discovery } from '../discovery/discovery.ts';
import { NOT_TRIED_YET } from '../discovery/merge-snapshots.ts';

/** What is wrong with the sources' lists. */
export function problemsOf(state: Discovery['state']): readonly string[] {
  return [
    ...state.problems.map(({ source, problem }) => `${source}: ${problem}`),
    ...state.refused.map(({ source, id, reason }) => `${source}: ${id} is refused: ${reason}`),
  ];
}

/** Why sources that were tried have shown nothing yet. */
export function pendingReasons({ pendingSources }: Discovery['state']): readonly string[] {
  return pendingSources
    .filter(({ reason }) => reason !== NOT_TRIED_YET)
    .map(({ name, reason }) => `${name} has shown no backend yet: ${reason}`);
}

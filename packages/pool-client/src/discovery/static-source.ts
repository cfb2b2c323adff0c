import type { BackendSource, SourceDependencies } from './backend-source.ts';
import type { DirectTarget } from './backend-target.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

/** Backends that are set and stay: `DJL_URLS` and the library's `backends`. At least one. */
export function staticSource(
  targets: readonly DirectTarget[],
  dependencies: SourceDependencies,
  name = 'static',
): BackendSource {
  return {
    name,
    async run(report, signal) {
      await using keeper = new SnapshotKeeper(dependencies, report);
      keeper.list(targets);
      if (targets.some((target) => target.kind === 'expand')) await aborted(signal);
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

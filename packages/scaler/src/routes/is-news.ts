import type { ReplicaState } from '../values/replica.ts';
import type { ReplicaReport } from '../values/replica-report.ts';

/**
 * Whether a report may change something, so that a tick is wanted at once. Hosts repeat themselves each minute: a thousand of them would else have
 * the platform asked for its list many times a second. `host`: the state of the host, undefined for one that no group knows; `before`: what was
 * said before, of anybody.
 */
export function isNews(
  report: ReplicaReport,
  host: ReplicaState['kind'] | undefined,
  before: readonly ReplicaReport[],
): boolean {
  switch (host) {
    case undefined:
      // The next list may have it, and then be a while away.
      return !before.some(({ about, kind }) => about === report.about && kind === report.kind);
    case 'launching':
      return true;
    case 'ready':
      return report.kind !== 'ready';
    case 'draining':
      return report.kind === 'leaving';
    case 'unhealthy':
      return report.kind === 'ready';
    case 'terminating':
    case 'terminated':
      return false;
  }
}

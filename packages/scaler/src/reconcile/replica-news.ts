import type { StoredReplica } from '../store/store.ts';
import type { ReplicaState } from '../values/replica.ts';

/** What became of one replica, for the log. */
export interface ReplicaNews {
  readonly id: string;
  readonly kind: 'ordered' | 'ready' | 'draining' | 'taken-back' | 'unhealthy' | 'leaving';
  readonly because?: string;
}

/** What is new about a group's rows. Ends and replicas that are gone are told of elsewhere. */
export function replicaNews(
  before: readonly StoredReplica[],
  after: readonly StoredReplica[],
): readonly ReplicaNews[] {
  const known = new Map(before.map(({ id, state }) => [id, state]));
  return after.flatMap(({ id, state, seenAtMs }) => {
    const news = newsOf(known.get(id), state, seenAtMs !== undefined);
    return news === undefined ? [] : [{ id, ...news }];
  });
}

function newsOf(
  was: ReplicaState | undefined,
  now: ReplicaState,
  isSeen: boolean,
): Omit<ReplicaNews, 'id'> | undefined {
  if (was === undefined) return now.kind === 'launching' && !isSeen ? { kind: 'ordered' } : undefined;
  if (now.kind === 'ready' && now.leaving !== undefined && !('leaving' in was && was.leaving !== undefined))
    return { kind: 'leaving', because: now.leaving.because };
  if (was.kind === now.kind) return undefined;
  switch (now.kind) {
    case 'ready':
    case 'launching':
      return was.kind === 'draining'
        ? { kind: 'taken-back' }
        : now.kind === 'ready'
          ? { kind: 'ready' }
          : undefined;
    case 'draining':
      return { kind: 'draining', ...(now.leaving && { because: now.leaving.because }) };
    case 'unhealthy':
      return { kind: 'unhealthy', because: now.because };
    default:
      return undefined;
  }
}

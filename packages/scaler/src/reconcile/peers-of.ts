import type { Peer } from '../policies/policy-context.ts';
import type { StoredReplica } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { Samples } from '../values/sample.ts';
import { isActive } from './plan.ts';

/** A group as others see it. */
export interface PeerView {
  readonly settings: GroupSettings;
  readonly rows: readonly StoredReplica[];
  readonly desired: number | undefined;
  readonly samples: Samples;
  /** Of one replica, as its own decision will have it. */
  readonly chunksPerSecond: number;
  readonly startupSeconds: number;
}

/** The other groups that share the work of the queue with `own`; none when it has no policy that shares. */
export function peersOf(own: PeerView, all: readonly PeerView[], nowMs: number): readonly Peer[] {
  if (!shares(own.settings)) return [];
  return all.filter((each) => each !== own && shares(each.settings)).map((each) => asPeer(each, nowMs));
}

function shares({ policies }: GroupSettings): boolean {
  return policies.some(({ type }) => type === 'queued-work');
}

function asPeer({ settings, rows, desired, chunksPerSecond, startupSeconds }: PeerView, nowMs: number): Peer {
  const active = rows.filter(isActive);
  const starting = active.filter(({ state }) => state.kind === 'launching');
  return {
    group: settings.name,
    current: desired ?? active.length,
    min: settings.min,
    max: settings.max,
    chunksPerSecond,
    pricePerHour: settings.pricePerHour,
    ready: active.length - starting.length,
    readyInSeconds: starting.map(({ launchedAtMs }) => startupSeconds - (nowMs - launchedAtMs) / 1_000),
  };
}

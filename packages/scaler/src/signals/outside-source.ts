import type { Sample } from '../values/sample.ts';
import type { Deadline } from '../within.ts';

/** One sample of a signal that is asked of somebody else. */
export interface OutsideSample {
  /** The signal's. */
  readonly name: string;
  /** The only group that it is about; absent: every group that has none of its own by that name. */
  readonly group?: string | undefined;
  readonly sample: Sample;
}

/** Somebody who measures signals for us: one call may bring several. */
export interface OutsideSource {
  /** Each of its signals, always. Never rejects, and resolves when the deadline is over: what went wrong is the reason of a missing sample. */
  read(deadline: Deadline): Promise<readonly OutsideSample[]>;
  close(): Promise<void>;
}

/** A signal of a group, or of all. */
export type SignalOf = Pick<OutsideSample, 'name' | 'group'>;

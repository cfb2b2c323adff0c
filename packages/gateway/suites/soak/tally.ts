import type { Outcome } from './load.ts';

/** Counts what became of the requests, and keeps those that went wrong. */
export class Tally {
  readonly counts: Record<Outcome['kind'], number> = {
    right: 0,
    wrong: 0,
    'refused-poison': 0,
    failed: 0,
    aborted: 0,
    lost: 0,
  };
  texts = 0;
  /** Milliseconds of single texts that were answered. */
  readonly singlesMs: number[] = [];
  readonly troubles: Outcome[] = [];

  readonly add = (outcome: Outcome): void => {
    this.counts[outcome.kind] += 1;
    if (outcome.kind === 'right') {
      this.texts += outcome.texts;
      if (outcome.texts === 1) this.singlesMs.push(outcome.toMs - outcome.fromMs);
    }
    if (outcome.what !== '' && outcome.kind !== 'refused-poison') this.troubles.push(outcome);
  };

  get requests(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }
}

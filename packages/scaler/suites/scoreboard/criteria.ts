import { FLOOR_SECONDS, type Measured } from './measure.ts';

/** All that is known of one trace, rate and start-up time before a policy is scored on it. */
export interface Yardsticks {
  readonly hpa: Measured;
  readonly hpa002: Measured;
  readonly awsTargetTracking: Measured;
  readonly knative: Measured;
  /** HPA from one replica, scored from second 0. */
  readonly hpaCold: Measured;
  readonly fixed: readonly (Measured & { readonly count: number })[];
}

/** The policy that is scored, on the same. */
export interface Candidate {
  readonly warm: Measured;
  /** From one replica, and from none; both scored from second 0. */
  readonly cold: Measured;
  readonly fromZero: Measured;
}

export type Criterion = 'A' | 'B' | 'C' | 'D' | 'E' | 'F';

/** One criterion in one cell: what was reached, and what was allowed. */
export interface Verdict {
  readonly criterion: Criterion;
  readonly holds: boolean;
  readonly reached: number;
  readonly allowed: number;
  /** What set the bar, where several could have. */
  readonly bar: string;
}

/** Whose controller ticks how often, for "within one tick". */
export interface Circumstances {
  readonly trace: string;
  readonly startupSeconds: number;
  readonly tickSeconds: number;
}

/** The acceptance text as a function; what each letter means stands in `README.md` beside it. */
export function judge(
  yardsticks: Yardsticks,
  candidate: Candidate,
  about: Circumstances,
): readonly Verdict[] {
  const isSurge = about.trace === 'flash' || about.trace === 'bulk';
  const verdicts = [
    isSurge ? waitsInSurge(yardsticks, candidate.warm) : waits(yardsticks, candidate.warm),
    isSurge ? hoursInSurge(yardsticks, candidate.warm) : hours(yardsticks, candidate.warm),
    verdict('C', candidate.warm.actions, Math.max(3, yardsticks.hpa.actions / 2), 'hpa'),
    verdict('D', candidate.cold.p99, Math.max(FLOOR_SECONDS, 0.5 * yardsticks.hpaCold.p99), 'hpa, cold'),
    fromZero(candidate.fromZero, about),
  ];
  if (about.trace === 'diurnal' && about.startupSeconds >= 300)
    verdicts.push(diurnal(yardsticks, candidate.warm));
  return verdicts;
}

function waits(yardsticks: Yardsticks, { p99 }: Measured): Verdict {
  const best = referencesOf(yardsticks).reduce((a, b) => (b.p99 < a.p99 ? b : a));
  return verdict('A', p99, best.p99 * 1.02, best.name);
}

function waitsInSurge({ knative, hpa }: Yardsticks, { p99 }: Measured): Verdict {
  const byKnative = Math.max(FLOOR_SECONDS, 1.3 * knative.p99);
  const byHpa = Math.max(FLOOR_SECONDS, 0.45 * hpa.p99);
  return verdict('A', p99, Math.min(byKnative, byHpa), byKnative < byHpa ? '1.3 × knative' : '0.45 × hpa');
}

function hours(yardsticks: Yardsticks, { p99, hours: reached }: Measured): Verdict {
  const fixed = yardsticks.fixed.map((one) => ({ ...one, name: `fixed:${one.count}` }));
  const noWorse = [...referencesOf(yardsticks), ...fixed].filter((one) => one.p99 <= p99);
  const cheapest = noWorse.toSorted((a, b) => a.hours - b.hours)[0];
  return verdict('B', reached, (cheapest?.hours ?? Infinity) * 1.1, cheapest?.name ?? 'none is as fast');
}

function hoursInSurge({ hpa }: Yardsticks, { hours: reached }: Measured): Verdict {
  return verdict('B', reached, 1.4 * hpa.hours, '1.4 × hpa');
}

function fromZero({ p99, firstOrderDelay }: Measured, about: Circumstances): Verdict {
  const inTime = firstOrderDelay <= 1 + about.tickSeconds;
  const one = verdict('E', p99, about.startupSeconds, `first order after ${firstOrderDelay} s`);
  return { ...one, holds: one.holds && inTime };
}

function diurnal({ hpa }: Yardsticks, { p99, hours: reached }: Measured): Verdict {
  const one = verdict('F', reached, 1.05 * hpa.hours, `hpa; p99 ${p99.toFixed(1)} s`);
  return { ...one, holds: one.holds && p99 <= FLOOR_SECONDS };
}

function referencesOf(yardsticks: Yardsticks): readonly (Measured & { readonly name: string })[] {
  const { hpa, hpa002, awsTargetTracking, knative } = yardsticks;
  return [
    { ...hpa, name: 'hpa' },
    { ...hpa002, name: 'hpa-002' },
    { ...awsTargetTracking, name: 'aws' },
    { ...knative, name: 'knative' },
  ];
}

function verdict(criterion: Criterion, reached: number, allowed: number, bar: string): Verdict {
  return { criterion, holds: reached <= allowed + 1e-9, reached, allowed, bar };
}

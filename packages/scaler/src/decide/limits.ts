import type { CountChange, Limit } from '../values/decision.ts';
import type { GroupSettings, VelocityRule } from '../values/group-settings.ts';
import type { CountedVote } from '../values/vote.ts';

/** What may stand between a wish and a change. */
export interface Bounds {
  readonly nowMs: number;
  readonly settings: GroupSettings;
  /** Changes of the desired count, whatever made them, oldest first: `changesSeconds(settings)` of them. */
  readonly changes: readonly CountChange[];
  readonly manual: { readonly target: number; readonly reason: string; readonly untilMs: number } | undefined;
  readonly paused: { readonly in: boolean; readonly out: boolean };
  /** Why nothing can be carried out now, such as a platform that doesn't answer. */
  readonly blocked: string | undefined;
}

interface Limited {
  readonly target: number;
  readonly limits: readonly Limit[];
}

/** Applies every rule in turn; each one that changes something leaves a line. The `first` decision of a group has no past to be slow after. */
export function limited(
  wanted: number,
  current: number,
  votes: readonly CountedVote[],
  bounds: Bounds,
  first = false,
): Limited {
  const { manual, nowMs } = bounds;
  if (manual !== undefined && manual.untilMs > nowMs) {
    const { reason, target, untilMs } = manual;
    const held: Limit = {
      name: 'manual',
      from: wanted,
      to: target,
      because: `set by hand: ${reason}`,
      untilMs,
    };
    return run({ target, limits: [held] }, [withinMinAndMax(bounds), blocked(bounds, current)]);
  }
  return run({ target: wanted, limits: [] }, [
    ...(first ? [] : [lostSignal(votes, current), cooldown(bounds, current), velocity(bounds, current)]),
    withinMinAndMax(bounds),
    paused(bounds, current),
    blocked(bounds, current),
  ]);
}

/** A rule: the limit that it sets on `target`, or undefined where it has nothing against it. */
type Rule = (target: number) => Limit | undefined;

function run(start: Limited, rules: readonly Rule[]): Limited {
  return rules.reduce<Limited>(({ target, limits }, rule) => {
    const limit = rule(target);
    return limit === undefined ? { target, limits } : { target: limit.to, limits: [...limits, limit] };
  }, start);
}

function lostSignal(votes: readonly CountedVote[], current: number): Rule {
  return (target) => {
    if (target >= current) return undefined;
    const without = votes.find(({ vote }) => vote.kind === 'abstains' && vote.lostSignal)?.vote;
    if (without === undefined) return undefined;
    const because = `${without.policy} can't tell: ${without.because}`;
    return { name: 'lost-signal', from: target, to: current, because };
  };
}

function cooldown({ nowMs, settings, changes }: Bounds, current: number): Rule {
  return (target) => {
    // The first replica is wanted by somebody who waits.
    const last = changes.at(-1);
    if (target === current || current === 0 || last === undefined) return undefined;
    const direction = target > current ? 'out' : 'in';
    const seconds = settings.cooldownSeconds[direction];
    // A last change in the future means that the clock was set back; far in the future it would hold for as long as it was set back.
    if (Math.abs(nowMs - last.atMs) >= seconds * 1_000) return undefined;
    const untilMs = last.atMs + seconds * 1_000;
    const because = `the last change was ${Math.max(0, (nowMs - last.atMs) / 1_000).toFixed(0)} s ago, fewer than ${seconds} s`;
    return { name: `cooldown-${direction}`, from: target, to: current, because, untilMs };
  };
}

function velocity({ nowMs, settings, changes }: Bounds, current: number): Rule {
  return (target) => {
    if (target === current) return undefined;
    const direction = target > current ? 'out' : 'in';
    const { rules, select } = settings.velocity[direction];
    if (rules.length === 0) return undefined;
    const sign = direction === 'out' ? 1 : -1;
    const reach = rules.map((rule) => furthest(rule, sign, current, changes, nowMs));
    const most = select === 'max' ? Math.max(...reach) : Math.min(...reach);
    const allowed = Math.max(0, most);
    if (Math.abs(target - current) <= allowed) return undefined;
    const because = `at most ${rules.map(shown).join(select === 'max' ? ' or ' : ' and ')}`;
    return { name: `velocity-${direction}`, from: target, to: current + sign * allowed, because };
  };
}

/** How many replicas the count may still move by under one rule; what moved within its period counts. */
function furthest(
  rule: VelocityRule,
  sign: 1 | -1,
  current: number,
  changes: readonly CountChange[],
  nowMs: number,
): number {
  const sinceMs = nowMs - rule.periodSeconds * 1_000;
  const moved = changes
    .filter(({ atMs }) => atMs > sinceMs && atMs <= nowMs)
    .reduce((sum, { from, to }) => sum + Math.max(0, sign * (to - from)), 0);
  const atStart = current - sign * moved;
  const by = rule.type === 'replicas' ? rule.value : Math.ceil((atStart * rule.value) / 100 - 1e-9);
  // A percentage of nothing would never start anything.
  return (rule.type === 'percent' && sign > 0 && rule.value > 0 ? Math.max(1, by) : by) - moved;
}

function shown({ type, value, periodSeconds }: VelocityRule): string {
  return `${value}${type === 'percent' ? ' %' : ' replica(s)'} in ${periodSeconds} s`;
}

function withinMinAndMax({ settings: { min, max } }: Bounds): Rule {
  return (target) => {
    if (target < min) return { name: 'min', from: target, to: min, because: `the group's minimum is ${min}` };
    if (target > max) return { name: 'max', from: target, to: max, because: `the group's maximum is ${max}` };
    return undefined;
  };
}

function paused({ paused: held, settings: { enabled } }: Bounds, current: number): Rule {
  return (target) => {
    const direction = target > current ? 'out' : 'in';
    if (target === current) return undefined;
    if (!enabled) return { name: 'disabled', from: target, to: current, because: 'the group is disabled' };
    if (!held[direction]) return undefined;
    return { name: 'paused', from: target, to: current, because: `scaling ${direction} is paused` };
  };
}

function blocked({ blocked: because }: Bounds, current: number): Rule {
  return (target) =>
    target === current || because === undefined
      ? undefined
      : { name: 'driver', from: target, to: current, because };
}

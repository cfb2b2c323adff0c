import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import {
  anyCircumstances,
  anyLoad,
  anyPastLoads,
  anySettings,
  calm,
  inputAfter,
  LOAD_SIGNALS,
  type Load,
  POLICIES,
  SIGNAL_POLICIES,
} from './any-input.test-support.ts';
import { decide } from './decide.ts';
import { NOW_MS } from './decision.test-support.ts';

const RUNS = { seed: 4, numRuns: 10_000 };

// Ten thousand runs take 1 to 4 s each on a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const anything = [anySettings(), anyPastLoads, anyLoad, anyCircumstances] as const;

it('stays within minimum and maximum, or leaves the count as it is and says what holds it', () => {
  fc.assert(
    fc.property(...anything, (settings, pastLoads, load, given) => {
      const input = inputAfter(settings, pastLoads, load, given);
      const decision = decide(input);
      const { target, current } = decision;
      expect(Number.isInteger(target) && !Object.is(target, -0)).toBe(true);
      if (target >= settings.min && target <= settings.max) return;
      expect(target).toBe(current);
      expect(['driver', 'paused']).toContain(decision.limits.at(-1)?.name);
    }),
    RUNS,
  );
});

it('gives a reason that names what bound', () => {
  fc.assert(
    fc.property(...anything, (settings, pastLoads, load, given) => {
      const { reason, limits, votes, target, current } = decide(inputAfter(settings, pastLoads, load, given));
      const bound = limits.findLast(({ name }) => name !== 'dry-run');
      const held = votes.find((vote) => vote.held !== undefined)?.held;
      expect(reason).not.toBe('');
      if (bound !== undefined) expect(reason).toContain(bound.because);
      else if (held !== undefined && target === current) expect(reason).toContain(held.because);
    }),
    RUNS,
  );
});

it('is the same in a dry run, marked as such', () => {
  fc.assert(
    fc.property(...anything, (settings, pastLoads, load, given) => {
      const input = inputAfter(settings, pastLoads, load, given);
      const real = decide({ ...input, dryRun: false });
      const dry = decide({ ...input, dryRun: true });
      const { target, current } = real;
      const because = `dry run: ${current} would become ${target}`;
      const limit = { name: 'dry-run', from: target, to: current, because };
      const limits = target === current ? real.limits : [...real.limits, limit];
      expect(dry).toEqual({ ...real, dryRun: true, limits });
    }),
    RUNS,
  );
});

it('holds a count set by hand, within minimum and maximum, until it expires', () => {
  fc.assert(
    fc.property(...anything, (settings, pastLoads, load, given) => {
      const input = inputAfter(settings, pastLoads, load, { ...given, blocked: undefined });
      const { target, limits } = decide(input);
      const { manual } = input;
      const holds = manual !== undefined && manual.untilMs > NOW_MS;
      expect(limits.some(({ name }) => name === 'manual')).toBe(holds);
      if (holds) expect(target).toBe(Math.min(settings.max, Math.max(settings.min, manual.target)));
    }),
    RUNS,
  );
});

it('does not scale in while the last change is within the cooldown, but for a maximum or by hand', () => {
  fc.assert(
    fc.property(...anything, (settings, pastLoads, load, given) => {
      const input = inputAfter(settings, pastLoads, load, { ...given, ...calm });
      const { target, current, limits } = decide(input);
      const lastScalingAtMs = input.changes.at(-1)?.atMs;
      if (lastScalingAtMs === undefined || input.current === undefined) return;
      const cooling = Math.abs(NOW_MS - lastScalingAtMs) < settings.cooldownSeconds.in * 1_000;
      if (!cooling || target >= current) return;
      expect(limits.at(-1)?.name).toBe('max');
    }),
    RUNS,
  );
});

it('does not scale in while the one policy asked for as much within the window, or it is not known', () => {
  fc.assert(
    fc.property(anySettings(), anyPastLoads, anyLoad, anyCircumstances, (all, pastLoads, load, given) => {
      const settings = { ...all, policies: all.policies.slice(0, 1) };
      const input = inputAfter(settings, pastLoads, load, { ...given, ...calm });
      const { target, current, votes } = decide(input);
      if (input.current === undefined || current > settings.max || target >= current) return;
      const sinceMs = NOW_MS - settings.stabilizationSeconds.in * 1_000;
      const orders = [...input.past.filter(({ decidedAtMs }) => decidedAtMs > sinceMs), { votes }].map(
        ({ votes: [first] }) => (first?.vote.kind === 'wants' ? first.vote.order : -1),
      );
      // Rounded up, as everywhere.
      expect(Math.max(...orders)).toBeLessThanOrEqual(current - 1 + 1e-9);
      const knownSinceMs = input.past[0]?.decidedAtMs ?? NOW_MS;
      expect(knownSinceMs).toBeLessThanOrEqual(sinceMs + settings.intervalSeconds * 1_000);
    }),
    RUNS,
  );
});

/** The same with more of everything. */
function more(load: Load, by: Load): Load {
  return Object.fromEntries(LOAD_SIGNALS.map((name) => [name, (load[name] ?? 0) + (by[name] ?? 0)])) as Load;
}

it('gives no fewer replicas for more load, now and at every tick before (any combination but `any`)', () => {
  fc.assert(
    fc.property(
      anySettings(),
      fc.array(fc.tuple(anyLoad, anyLoad), { maxLength: 20 }),
      anyLoad,
      anyLoad,
      anyCircumstances,
      (all, pastLoads, load, extra, given) => {
        const settings =
          all.combine === 'any' && all.policies.length > 1 ? { ...all, combine: 'max' as const } : all;
        const pastLow = pastLoads.map(([low]) => low);
        const pastHigh = pastLoads.map(([low, by]) => more(low, by));
        const low = decide(inputAfter(settings, pastLow, load, given));
        const high = decide(inputAfter(settings, pastHigh, more(load, extra), given));
        expect(high.target).toBeGreaterThanOrEqual(low.target);
      },
    ),
    RUNS,
  );
});

it('never scales in while a signal of any policy is lost, but for a maximum', () => {
  fc.assert(
    fc.property(
      anySettings(),
      fc.constantFrom(...SIGNAL_POLICIES),
      anyPastLoads,
      anyLoad,
      anyCircumstances,
      fc.boolean(),
      (others, lost, pastLoads, load, given, stale) => {
        const policies = [...others.policies.filter(({ name }) => name !== lost.name), lost];
        const settings = { ...others, policies };
        const input = inputAfter(settings, pastLoads, load, { ...given, ...calm });
        const names =
          lost.type === 'queued-work'
            ? ['queued_chunks', 'arrivals_per_second']
            : 'signal' in lost
              ? [lost.signal]
              : [];
        const samples = Object.fromEntries(
          Object.entries(input.samples).flatMap(([name, sample]) => {
            if (!names.includes(name)) return [[name, sample]];
            return stale ? [[name, { ...sample, atMs: NOW_MS - 31_000 }]] : [];
          }),
        );
        const decision = decide({ ...input, samples });
        const bounded = Math.min(decision.current, settings.max);
        expect(decision.target).toBeGreaterThanOrEqual(bounded);
      },
    ),
    RUNS,
  );
});

it('starts the first replica at once when anything waits, whatever windows and cooldowns say', () => {
  const waiting = [
    'queued-work',
    'target-tracking of a total',
    'step',
    'request-rate',
    'backlog',
    'jobs-per-host',
  ];
  const policies = waiting.flatMap((name) => POLICIES[name] ?? []);
  fc.assert(
    fc.property(
      anySettings(policies),
      fc.constantFrom('max' as const, 'any' as const, 'weighted' as const),
      anyPastLoads,
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 0, max: 60 }),
      (all, combine, pastLoads, waits, changedAgo) => {
        const settings = { ...all, combine, min: 0, max: Math.max(1, all.max) };
        const load = { queue: waits, cpu_percent: undefined, queued_chunks: waits, arrivals_per_second: 0 };
        const given = {
          current: 0,
          ready: 0,
          changes: [{ atMs: NOW_MS - changedAgo * 1_000, from: 1, to: 0 }],
        };
        expect(decide(inputAfter(settings, pastLoads, load, given)).target).toBeGreaterThan(0);
      },
    ),
    RUNS,
  );
});

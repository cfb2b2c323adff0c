import { ManualClock } from '@forebay/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shortCanaries } from '../identity/canary-texts.ts';
import { fingerprintOf } from '../identity/fingerprint.ts';
import { vectorsOf } from '../job.test-support.ts';
import type { SendResult } from './exchange.ts';
import { Standing } from './standing.ts';

type Failed = Extract<SendResult, { kind: 'failed' }>;

const good: SendResult = { kind: 'vectors', vectors: vectorsOf(1), durationMs: 5 };
const spoiled: SendResult = { kind: 'spoiled', vectors: [undefined], message: 'a zero', durationMs: 5 };

const failed = (reason: Failed['reason'], given: Partial<Failed> = {}): SendResult => ({
  kind: 'failed',
  reason,
  message: `was ${reason}`,
  retryAfterMs: undefined,
  notUp: false,
  durationMs: 5,
  ...given,
});
const sick = failed('unavailable');
const gone = failed('connection', { notUp: true, message: 'refused' });

const CONTROL = [0.6, 0.8];
const fingerprint = (control = CONTROL) =>
  fingerprintOf(
    shortCanaries.map(() => control),
    'refused',
  );

const FIRST_EJECTION_MS = 1_000;
const ADMITTED = 'it has embedded the canary texts';

describe('Standing', () => {
  let clock: ManualClock;
  let changes: string[];
  let standing: Standing;
  let others = { othersServing: 1, othersFailureShare: 0 };

  const make = (listed: 'ready' | 'starting' = 'ready') =>
    new Standing(listed, {
      clock,
      random: () => 0.5,
      others: () => others,
      onChange: ({ reason, reinstated }) => changes.push(reinstated ? `reinstated: ${reason}` : reason),
    });

  beforeEach(() => {
    vi.useFakeTimers();
    clock = new ManualClock(10_000);
    changes = [];
    others = { othersServing: 1, othersFailureShare: 0 };
    standing = make();
  });

  afterEach(() => {
    standing.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  /** opossum goes by the global timers, its owner by the clock: both move together. */
  const advance = async (ms: number) => {
    const timers = vi.advanceTimersByTimeAsync(ms);
    void clock.advance(ms);
    await timers;
  };

  const admitted = () => {
    standing.admit(fingerprint());
    changes = [];
  };
  const end = (...results: readonly SendResult[]) => {
    for (const result of results) standing.ended(result);
  };
  const restMs = () => standing.restsUntilMs - clock.nowMs();

  it('is that of a starting server at first, of which nothing is known', () => {
    expect([standing.state, standing.reason, standing.proven, standing.trusted]).toEqual([
      'starting',
      'just added',
      false,
      false,
    ]);
    expect([standing.lastProblem, standing.failureShare, standing.nextProbeMs, restMs()]).toEqual([
      undefined,
      0,
      undefined,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(changes).toEqual([]);
  });

  describe('of one that embeds the canary texts', () => {
    it('is in service, and says so once', () => {
      for (let i = 0; i < 2; i += 1) standing.admit(fingerprint());
      expect([standing.state, standing.proven, standing.trusted]).toEqual(['serving', true, true]);
      expect(changes).toEqual([ADMITTED]);
    });

    it('waits for its source to list it as ready', () => {
      standing.close();
      standing = make('starting');
      admitted();
      expect(standing.state).toBe('starting');
      standing.listedAs('ready');
      expect([standing.state, changes]).toEqual(['serving', ['its source lists it as ready']]);
    });

    it('forgets what it said before it was let in', () => {
      standing.probed(gone);
      standing.admit(fingerprint());
      expect(standing.lastProblem).toBeUndefined();
    });
  });

  describe('of one that embeds them unlike the others', () => {
    it('is refused, and says so once for each reason', () => {
      for (const message of ['unlike a', 'unlike a', 'unlike b']) standing.refuse(message);
      expect([standing.state, standing.trusted, standing.lastProblem, standing.reason]).toEqual([
        'refused',
        false,
        'unlike b',
        'unlike b',
      ]);
      expect(changes).toEqual(['unlike a', 'unlike b']);
    });

    it('is refused, too, where it was in service', () => {
      admitted();
      standing.refuse('unlike a');
      expect([standing.state, standing.proven, standing.trusted]).toEqual(['refused', true, false]);
    });

    it('is in service again when it embeds them alike', () => {
      standing.refuse('unlike a');
      standing.admit(fingerprint());
      expect([standing.state, standing.trusted, standing.lastProblem]).toEqual(['serving', true, undefined]);
      expect(changes).toEqual(['unlike a', ADMITTED]);
    });

    it('is what it was before when the others turn out to be wrong', () => {
      admitted();
      standing.refuse('unlike a');
      standing.pardon(fingerprint());
      expect([standing.state, standing.trusted, standing.lastProblem]).toEqual(['serving', true, undefined]);
      expect(changes).toEqual(['unlike a', 'it embeds like the reference, which is another now']);
    });

    it('is let in by a pardon as it was examined, though it never was in service', () => {
      standing.refuse('unlike a');
      standing.pardon(fingerprint());
      expect([standing.state, standing.trusted]).toEqual(['serving', true]);
    });

    it('is not trusted by a pardon alone where it was gone since', () => {
      admitted();
      standing.refuse('unlike a');
      standing.ended(gone);
      standing.pardon(fingerprint());
      expect([standing.proven, standing.trusted]).toEqual([true, false]);
    });
  });

  describe('before it was let in', () => {
    it('says once what keeps it from answering', () => {
      for (let i = 0; i < 3; i += 1) standing.probed(gone);
      expect([standing.state, standing.lastProblem]).toEqual(['starting', 'refused']);
      expect(changes).toEqual(['not up yet: refused']);
    });

    it('says when it answers, but not rightly, and when it does not answer any more', () => {
      for (const result of [gone, sick, sick, gone]) standing.probed(result);
      expect(changes).toEqual(['not up yet: refused', 'it answers, but not rightly', 'it is not up yet']);
      standing.probed(sick);
      expect(standing.state).toBe('probing');
    });

    it('never says what became of a caller’s text', () => {
      end(gone, sick, failed('input', { message: 'bad text: secret' }));
      expect(changes).toEqual(['it answers, but not rightly']);
      expect(standing.lastProblem).toBe('bad text: secret');
    });

    it('has nothing to be ejected from', () => {
      for (let i = 0; i < 10; i += 1) {
        standing.probed(sick);
        standing.ended(sick);
        standing.blame('silent');
      }
      expect([standing.breakerState, standing.failureShare]).toEqual(['closed', 0]);
      admitted();
      expect(standing.state).toBe('serving');
    });
  });

  describe('in service', () => {
    beforeEach(admitted);

    it('is lost by three failures in a row', () => {
      end(sick, sick);
      expect(standing.state).toBe('serving');
      end(sick);
      expect([standing.state, standing.breakerState, standing.reason, standing.lastProblem]).toEqual([
        'ejected',
        'open',
        'its last 3 batches failed',
        'was unavailable',
      ]);
      expect([standing.failureShare, standing.nextProbeMs]).toEqual([1, clock.nowMs() + FIRST_EJECTION_MS]);
      expect(changes).toEqual(['its last 3 batches failed']);
    });

    it('is lost by the last one only after five', () => {
      others = { othersServing: 0, othersFailureShare: 0 };
      end(sick, sick, sick, sick);
      expect(standing.state).toBe('serving');
      end(sick);
      expect(standing.state).toBe('ejected');
    });

    it.each<[string, SendResult]>([
      ['bad input', failed('input')],
      ['a batch too large', failed('too-large')],
      ['a full queue', failed('overloaded')],
      ['its own closing', failed('aborted')],
      ['unusable vectors, at once', spoiled],
    ])('is not lost by %s', (_what, result) => {
      end(...Array.from({ length: 10 }, () => result));
      expect([standing.state, standing.failureShare]).toEqual(['serving', 0]);
    });

    it.each<[string, SendResult]>([
      ['time-outs', failed('timeout')],
      ['broken connections', failed('connection')],
      ['answers that are none', failed('bad-answer')],
      ['wrong settings', failed('misconfigured')],
    ])('is lost by %s', (_what, result) => {
      end(result, result, result);
      expect(standing.state).toBe('ejected');
    });

    it('is lost by one silence, and by what others say of it', () => {
      standing.blame('silent');
      expect(standing.state).toBe('ejected');
      standing.answered();
      for (let i = 0; i < 3; i += 1) standing.blame();
      expect(standing.state).toBe('ejected');
    });

    it.each<[string, SendResult, string]>([
      ['a full queue', failed('overloaded'), 'serving'],
      ['its own closing', failed('aborted'), 'serving'],
      ['a refused text of our own', failed('input'), 'ejected'],
      ['unusable vectors for a text of our own', spoiled, 'ejected'],
      ['sickness', sick, 'ejected'],
    ])('comes, after three probes that came to %s, to %s', (_what, result, state) => {
      for (let i = 0; i < 3; i += 1) standing.probed(result);
      expect(standing.state).toBe(state);
      expect(changes).toEqual(state === 'ejected' ? ['its last 3 batches failed'] : []);
    });

    it('comes back with a good answer, and says so once', () => {
      end(sick, sick, sick, good, good);
      expect([standing.state, standing.nextProbeMs, standing.lastProblem]).toEqual([
        'serving',
        undefined,
        undefined,
      ]);
      expect(changes).toEqual(['its last 3 batches failed', 'reinstated: it answers again']);
    });

    it.each<[string, SendResult, string, string]>([
      ['a good answer', good, 'serving', 'reinstated: it answers again'],
      ['sickness', sick, 'ejected', 'its probe failed'],
      ['a full queue, which is no excuse now', failed('overloaded'), 'ejected', 'its probe failed'],
    ])('is tried after a while: a probe that comes to %s', async (_what, result, state, said) => {
      end(sick, sick, sick);
      await advance(FIRST_EJECTION_MS);
      expect(standing.state).toBe('half-open');
      standing.probed(result);
      expect([standing.state, changes.at(-1)]).toEqual([state, said]);
    });

    it('is not trusted after nobody listened, until it is examined anew', () => {
      end(gone);
      expect([standing.state, standing.proven, standing.trusted]).toEqual(['serving', true, false]);
      end(good);
      expect(standing.trusted).toBe(false);
      standing.admit(fingerprint());
      expect([standing.trusted, changes]).toEqual([true, []]);
    });

    it.each<[string, SendResult]>([
      ['a connection broke', failed('connection')],
      ['it said that it is not ready', failed('unavailable', { notUp: true })],
      ['it was silent', failed('timeout')],
    ])('is still trusted after %s', (_what, result) => {
      end(result);
      expect(standing.trusted).toBe(true);
    });

    it('shows when it does not embed the control text as it did', () => {
      expect([standing.isItself([0.6001, 0.7999]), standing.changedItself]).toEqual([true, false]);
      expect([standing.isItself([0.8, 0.6]), standing.changedItself]).toEqual([false, true]);
    });

    it.each<[string, () => void, boolean]>([
      ['it is let in as it is now', () => standing.admit(fingerprint([0.8, 0.6])), true],
      ['it is refused', () => standing.refuse('unlike a'), false],
    ])('is that of one that changed until %s', (_what, act, isItself) => {
      standing.isItself([0.8, 0.6]);
      act();
      expect(standing.changedItself).toBe(false);
      expect(standing.isItself([0.8, 0.6])).toBe(isItself);
    });
  });

  it('takes one for itself of which nothing is known', () => {
    expect([standing.isItself([1, 2, 3]), standing.changedItself]).toEqual([true, false]);
  });

  describe('as a rest', () => {
    beforeEach(admitted);

    it.each<[string, SendResult, number]>([
      ['of its own length after a full queue', failed('overloaded'), 37.5],
      ['as long as it asked after a full queue', failed('overloaded', { retryAfterMs: 700 }), 700],
      [
        'as long as it asked, whatever the reason',
        failed('unavailable', { notUp: true, retryAfterMs: 700 }),
        700,
      ],
      ['not at all after a failure', sick, Number.NEGATIVE_INFINITY],
      ['not at all after unusable vectors', spoiled, Number.NEGATIVE_INFINITY],
    ])('is %s', (_what, result, ms) => {
      end(result);
      expect(restMs()).toBe(ms);
    });

    it('is doubled with each failure while it is ejected and tried all the same', () => {
      end(sick, sick, sick);
      expect(restMs()).toBe(37.5);
      end(sick);
      expect(restMs()).toBe(75);
      end(spoiled);
      expect(restMs()).toBe(150);
    });

    it('is over with a good answer', () => {
      end(failed('overloaded', { retryAfterMs: 700 }), good);
      expect(restMs()).toBe(Number.NEGATIVE_INFINITY);
      end(failed('overloaded'));
      expect(restMs()).toBe(37.5);
    });
  });

  describe('as others want it', () => {
    beforeEach(admitted);

    it('is draining while an operator says so, which is said once', () => {
      for (let i = 0; i < 2; i += 1) standing.setDraining(true, 'drained by hand');
      expect([standing.state, standing.trusted]).toEqual(['draining', true]);
      for (let i = 0; i < 2; i += 1) standing.setDraining(false, 'wanted again');
      expect([standing.state, changes]).toEqual(['serving', ['drained by hand', 'wanted again']]);
    });

    it.each<['starting' | 'draining']>([['starting'], ['draining']])(
      'is %s while its source says so',
      (listed) => {
        for (const now of [listed, listed, 'ready', 'ready'] as const) standing.listedAs(now);
        expect([standing.state, changes]).toEqual([
          'serving',
          [`its source lists it as ${listed}`, 'its source lists it as ready'],
        ]);
        standing.listedAs(listed);
        expect(standing.state).toBe(listed);
      },
    );

    it('says nothing of a listing that changes nothing', () => {
      standing.setDraining(true, 'drained by hand');
      standing.listedAs('draining');
      expect(changes).toEqual(['drained by hand']);
    });
  });

  it('counts nothing any more once it is closed', () => {
    admitted();
    standing.close();
    end(sick, sick, sick);
    expect([standing.state, standing.failureShare]).toEqual(['serving', 0]);
  });
});

import { ManualClock } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import { Drain } from './drain.ts';

describe('Drain', () => {
  it('is not draining until it is told to', () => {
    const drain = new Drain(new ManualClock());
    expect(drain.draining).toBe(false);
    void drain.drain(1_000);
    expect(drain.draining).toBe(true);
  });

  it('ends at once when nothing is under way, and leaves no timer', async () => {
    const clock = new ManualClock();
    const drain = new Drain(clock);
    drain.begin()();
    expect(await drain.drain(1_000)).toBe(0);
    expect(clock.pendingSleeps).toBe(0);
  });

  it('waits for the last request, and leaves no timer', async () => {
    const clock = new ManualClock();
    const drain = new Drain(clock);
    const [first, second] = [drain.begin(), drain.begin()];
    let left: number | undefined;
    const over = drain.drain(1_000).then((cutOff) => {
      left = cutOff;
    });
    first();
    await clock.advance(999);
    expect(left).toBeUndefined();
    second();
    await over;
    expect(left).toBe(0);
    await clock.advance(0);
    expect(clock.pendingSleeps).toBe(0);
  });

  it('waits for requests that begin while it drains', async () => {
    const clock = new ManualClock();
    const drain = new Drain(clock);
    const first = drain.begin();
    let isOver = false;
    const over = drain.drain(1_000).then(() => {
      isOver = true;
    });
    const late = drain.begin();
    first();
    await clock.advance(10);
    expect(isOver).toBe(false);
    late();
    await over;
  });

  it('gives up after the grace time and says how many are left', async () => {
    const clock = new ManualClock();
    const drain = new Drain(clock);
    drain.begin();
    drain.begin();
    const over = drain.drain(1_000);
    await clock.advance(1_000);
    expect(await over).toBe(2);
  });
});

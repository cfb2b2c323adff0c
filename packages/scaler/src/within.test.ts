import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { within } from './within.ts';

const never = () => new Promise<string>(() => undefined);

function deadline(signal = new AbortController().signal) {
  const clock = new ManualClock();
  return { clock, timeoutMs: 100, signal };
}

it('gives what the work gave and leaves no timer', async () => {
  const options = deadline();
  expect(await within(options, async () => 'a')).toEqual({ kind: 'done', value: 'a' });
  await options.clock.advance(0);
  expect(options.clock.pendingSleeps).toBe(0);
});

it('is late at the deadline and calls the work off', async () => {
  const options = deadline();
  let seen: AbortSignal | undefined;
  const result = within(options, (signal) => {
    seen = signal;
    return never();
  });
  await options.clock.advance(99);
  expect(seen?.aborted).toBe(false);
  await options.clock.advance(1);
  expect(await result).toEqual({ kind: 'late' });
  expect(seen?.aborted).toBe(true);
});

it('says that the caller called it off, also when the work rejects for that', async () => {
  const caller = new AbortController();
  const rejecting = (signal: AbortSignal) =>
    new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const results = [never, rejecting].map((work) => within(deadline(caller.signal), work));
  caller.abort();
  expect(await Promise.all(results)).toEqual([{ kind: 'aborted' }, { kind: 'aborted' }]);
  expect(await within(deadline(caller.signal), never)).toEqual({ kind: 'aborted' });
});

it('rejects as the work does', async () => {
  await expect(within(deadline(), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { readAway } from './read-away.ts';

const MIB = 2 ** 20;

/** A request whose body comes when the test says so. */
function openRequest(headers: Record<string, string> = {}) {
  const stream = new PassThrough();
  // `as` holds for readAway: it reads headers, `complete`, `destroyed` and the stream.
  return {
    stream,
    request: Object.assign(stream, { headers, complete: false }) as unknown as IncomingMessage,
  };
}

/** Whether it has resolved after what is due now has run. */
async function isOver(promise: Promise<void>, clock: ManualClock): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  await clock.advance(0);
  return over;
}

it('waits for the end of the body, and leaves no timer', async () => {
  const clock = new ManualClock();
  const { stream, request } = openRequest();
  const away = readAway(request, clock);
  stream.write(Buffer.alloc(5 * MIB));
  expect(await isOver(away, clock)).toBe(false);
  stream.end();
  await away;
  await clock.advance(0);
  expect(clock.pendingSleeps).toBe(0);
});

it('reads for 10 s at most', async () => {
  const clock = new ManualClock();
  const { request } = openRequest();
  const away = readAway(request, clock);
  await clock.advance(9_999);
  expect(await isOver(away, clock)).toBe(false);
  await clock.advance(1);
  await away;
});

it('reads 64 MiB at most', async () => {
  const clock = new ManualClock();
  const { stream, request } = openRequest();
  const away = readAway(request, clock);
  for (let i = 0; i < 64; i += 1) stream.write(Buffer.alloc(MIB));
  expect(await isOver(away, clock)).toBe(false);
  stream.write(Buffer.alloc(1));
  await away;
});

it('reads nothing of a body that declares more', async () => {
  const { stream, request } = openRequest({ 'content-length': String(64 * MIB + 1) });
  await readAway(request, new ManualClock());
  expect(stream.readableFlowing).toBeNull();
});

it('ends with the connection', async () => {
  const { stream, request } = openRequest();
  const away = readAway(request, new ManualClock());
  stream.destroy();
  await away;
});

import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { createProgressLine } from './progress-line.ts';

async function show(isTTY: boolean): Promise<readonly string[]> {
  const clock = new ManualClock();
  const written: string[] = [];
  const line = createProgressLine({ isTTY, write: (text) => written.push(text) }, clock);
  for (let seconds = 0; seconds <= 5; seconds += 1) {
    line.update('model', seconds * 10e6, 80e6);
    await clock.advance(1_000);
  }
  line.end();
  line.end();
  return written;
}

it('writes a line every few seconds to a file', async () => {
  expect(await show(false)).toEqual([
    'forebay-local-backend: model: 0.0 of 80.0 MB (0 %)\n',
    'forebay-local-backend: model: 30.0 of 80.0 MB (37 %)\n',
  ]);
});

it('rewrites one line on a terminal and ends it', async () => {
  const written = await show(true);
  expect(written.length).toBe(7);
  expect(written.slice(0, 6).every((text) => text.startsWith('\r') && !text.includes('\n'))).toBe(true);
  expect(written.at(-1)).toBe('\n');
});

import { describe, expect, it } from 'vitest';
import { limiter } from './limiter.ts';

describe('limiter', () => {
  it.each([1, 2, 3])('runs at most %i at once, in the order they came', async (maxConcurrent) => {
    const { run } = limiter(maxConcurrent);
    const started: number[] = [];
    const doors: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const all = Array.from({ length: 6 }, (_, i) =>
      run(async () => {
        started.push(i);
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => doors.push(resolve));
        running -= 1;
        return i;
      }),
    );
    for (let i = 0; i < 6; i += 1) {
      while (doors.length === 0) await Promise.resolve();
      doors.shift()?.();
    }
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(maxConcurrent);
  });

  it('starts at once while there is room', () => {
    let started = false;
    void limiter(1).run(async () => {
      started = true;
    });
    expect(started).toBe(true);
  });

  it('hands a rejection on and frees the place', async () => {
    const { run } = limiter(1);
    await expect(run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await run(async () => 'next')).toBe('next');
  });
});

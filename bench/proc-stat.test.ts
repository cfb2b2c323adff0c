import { expect, it } from 'vitest';
import { parseMachineTicks, parseProcessTicks } from './proc-stat.ts';

it('sums what all CPUs did, and knows what was stolen', () => {
  const text = `cpu  100 10 50 800 20 3 7 9 40 5
cpu0 50 5 25 400 10 1 3 4 20 2
intr 7
`;
  expect(parseMachineTicks(text)).toEqual({ busy: 170, steal: 9, total: 999 });
});

it('refuses a text that is no /proc/stat', () => {
  expect(() => parseMachineTicks('intr 1 2 3\n')).toThrow(SyntaxError);
});

it.each(['node', 'a b', 'x) R 1 2 (y', '((('])('finds the times after a program named %j', (name) => {
  const text = `27480 (${name}) R 27476 27476 23109 0 -1 4194304 100 0 0 0 1234 56 7 8 20 0 11 0 319233 3133440\n`;
  expect(parseProcessTicks(text)).toBe(1290);
});

it('refuses a text that is no /proc/PID/stat', () => {
  expect(() => parseProcessTicks('1 (a) R 2')).toThrow(SyntaxError);
});

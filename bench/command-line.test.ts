import { expect, it } from 'vitest';
import { parseCommand } from './command-line.ts';
import { SCENARIOS } from './scenarios.ts';

const [instant, pair] = SCENARIOS;

it.each([
  ['everything, kept, by default', [], { quick: false, scenarios: SCENARIOS, name: 'throughput' }],
  ['a quick look, not kept', ['--quick'], { quick: true, scenarios: [instant, pair], name: undefined }],
  [
    'a quick look, kept',
    ['--quick', '--name', 'a1'],
    { quick: true, scenarios: [instant, pair], name: 'a1' },
  ],
  ['what pnpm hands on', ['--', '--quick'], { quick: true, scenarios: [instant, pair], name: undefined }],
  ['one scenario', ['--scenario', 'instant'], { quick: false, scenarios: [instant], name: 'throughput' }],
])('reads %s', (_, args, expected) => {
  expect(parseCommand(args)).toEqual({ kind: 'run', ...expected });
});

it('helps before anything else', () => {
  expect(parseCommand(['--help', '--quick'])).toEqual({ kind: 'help' });
});

it.each([
  ['an unknown flag', ['--fast'], '--fast'],
  ['an unknown scenario', ['--scenario', 'x'], 'instant, gpu+cpu, local, got x'],
  ['a name that is a path', ['--name', '../x'], 'got ../x'],
])('refuses %s', (_, args, message) => {
  expect(() => parseCommand(args)).toThrow(message);
});

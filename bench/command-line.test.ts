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

const burst = {
  url: new URL('http://127.0.0.1:8080'),
  model: 'all-MiniLM-L6-v2',
  seconds: 60,
  connections: 32,
  chunks: 8,
  scaler: undefined,
  name: undefined,
};

it.each([
  ['a burst, not kept', [], {}],
  [
    'everything of a burst',
    '--model m --seconds 5 --connections 2 --chunks 3 --scaler http://s:1 --name b'.split(' '),
    { model: 'm', seconds: 5, connections: 2, chunks: 3, scaler: new URL('http://s:1'), name: 'b' },
  ],
])('reads %s', (_, args, expected) => {
  const command = parseCommand(['--url', 'http://127.0.0.1:8080', ...args]);
  expect(command).toEqual({ kind: 'burst', burst: { ...burst, ...expected } });
});

it.each([
  [
    ['--url', 'localhost:8080'],
    '--url must be an address that begins with http:// or https://, got localhost',
  ],
  [['--url', 'http://g', '--scaler', 'x'], '--scaler must be an address'],
  [['--url', 'http://g', '--seconds', '0'], '--seconds must be a whole number from 1 to 86400, got 0'],
  [['--url', 'http://g', '--connections', 'many'], '--connections must be a whole number'],
  [['--url', 'http://g', '--chunks', '1.5'], '--chunks must be a whole number'],
  [['--url', 'http://g', '--quick'], '--quick belongs to the scenarios'],
  [['--url', 'http://g', '--scenario', 'local'], '--scenario belongs to the scenarios'],
  [['--seconds', '5'], '--seconds belongs to a burst: give the gateway by --url'],
])('refuses %j', (args, message) => {
  expect(() => parseCommand(args)).toThrow(message);
});

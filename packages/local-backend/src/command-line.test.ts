import { expect, it } from 'vitest';
import { helpText, readCommandLine } from './command-line.ts';
import { SETTINGS } from './settings.ts';

it.each([
  [[], { action: 'serve', configFile: undefined, port: undefined }],
  [['--port', '0', '--config', 'x.yaml'], { action: 'serve', configFile: 'x.yaml', port: '0' }],
  [['-h', '--version'], { action: 'help', configFile: undefined, port: undefined }],
  [['--check-config'], { action: 'check-config', configFile: undefined, port: undefined }],
])('reads %j', (args, expected) => {
  expect(readCommandLine(args)).toEqual(expected);
});

it.each([[['--prot', '1']], [['serve']], [['--port']]])('refuses %j and points to --help', (args) => {
  expect(() => readCommandLine(args)).toThrow('forebay-local-backend --help tells more');
});

it('tells of every setting in its help', () => {
  const help = helpText();
  expect(SETTINGS.filter(({ name, meaning }) => !help.includes(name) || !help.includes(meaning))).toEqual([]);
});

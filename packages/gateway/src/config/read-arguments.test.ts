import { describe, expect, it } from 'vitest';
import { readArguments } from './read-arguments.ts';

const none = { kind: 'arguments', help: false, version: false, checkConfig: false, configFile: undefined };

describe('arguments', () => {
  it.each([
    [[], none],
    [['--help'], { ...none, help: true }],
    [['-h'], { ...none, help: true }],
    [['--version'], { ...none, version: true }],
    [['--check-config', '--config', 'a.yaml'], { ...none, checkConfig: true, configFile: 'a.yaml' }],
    [['--config=a.yaml'], { ...none, configFile: 'a.yaml' }],
  ])('read %j', (argv, expected) => {
    expect(readArguments(argv)).toEqual(expected);
  });

  it.each([
    [['--confg', 'x'], "'--confg'"],
    [['--config'], "'-c, --config <value>'"],
    [['start'], "'start'"],
    [['--help=yes'], "'-h, --help'"],
  ])('refuse %j, naming the wrong one', (argv, named) => {
    expect(readArguments(argv)).toEqual({ kind: 'broken', problem: expect.stringContaining(named) });
  });
});

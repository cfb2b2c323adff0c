import { expect, it } from 'vitest';
import { helpText, parseFlags } from './main-flags.ts';
import { resolveOptions } from './options.ts';

it('turns flags into options', () => {
  const args = [
    '--port',
    '0',
    '--a-ms',
    '6',
    '--b-ms',
    '0.22',
    '--workers',
    '2',
    '--model',
    'one',
    '--model',
    'two',
  ];
  expect(parseFlags([...args, '--fault', '{"kind":"hang"}', '--count-texts'])).toEqual({
    kind: 'start',
    options: {
      port: 0,
      aMs: 6,
      bMs: 0.22,
      workers: 2,
      models: ['one', 'two'],
      countTexts: true,
      faults: [{ kind: 'hang' }],
    },
  });
});

it('knows every flag that the help shows', () => {
  const shown = [...helpText.matchAll(/^ {2}--([a-z-]+)( \S+)?/gm)].filter(([, name]) => name !== 'help');
  expect(shown).toHaveLength(19);
  for (const [, name, value] of shown) {
    if (!value || name === 'fault') continue;
    expect(parseFlags([`--${name}`, '1']).kind).toBe('start');
  }
});

it.each([
  [['--workers', 'many'], '--workers must be a number, got many'],
  [['--what'], "Unknown option '--what'"],
])('refuses %j', (args, message) => {
  expect(() => parseFlags(args)).toThrow(message);
});

it.each([
  [{ workers: 0 }, 'workers must be an integer of at least 1, got 0'],
  [{ batchSize: 0.5 }, 'batchSize must be an integer of at least 1, got 0.5'],
  [{ maxBatchDelayMs: -1 }, 'maxBatchDelayMs must be a number of at least 0, got -1'],
  [{ aMs: -1 }, 'aMs must be a number of at least 0, got -1'],
  [{ jitter: 2 }, 'jitter must be from 0 to 1, got 2'],
  [{ models: [] }, 'models must be at least one name'],
])('refuses the options %j', (options, message) => {
  expect(() => resolveOptions(options)).toThrow(message);
});

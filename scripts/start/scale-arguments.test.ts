import { expect, it } from 'vitest';
import { readStartArguments } from './scale-arguments.ts';

it.each([
  { args: [], scale: false, scalerConfig: undefined, passedOn: [] },
  { args: ['--', '--version'], scale: false, scalerConfig: undefined, passedOn: ['--', '--version'] },
  { args: ['--', '--scale', '--help'], scale: true, scalerConfig: undefined, passedOn: ['--help'] },
  { args: ['--scaler-config', 'a.yaml', '--scale'], scale: true, scalerConfig: 'a.yaml', passedOn: [] },
  {
    args: ['--scale', '--scaler-config=a.yaml', '--config', 'g.yaml'],
    scale: true,
    scalerConfig: 'a.yaml',
    passedOn: ['--config', 'g.yaml'],
  },
])('reads $args', ({ args, ...expected }) => {
  expect(readStartArguments(args)).toEqual(expected);
});

it.each([
  { args: ['--scale', '--scaler-config'], message: '--scaler-config needs a file' },
  { args: ['--scale', '--scaler-config='], message: '--scaler-config needs a file' },
  { args: ['--scaler-config', '--scale'], message: '--scaler-config needs a file' },
  { args: ['--scaler-config', 'a.yaml'], message: '--scaler-config belongs to --scale' },
])('refuses $args', ({ args, message }) => {
  expect(() => readStartArguments(args)).toThrow(message);
});

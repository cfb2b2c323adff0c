import { expect, it } from 'vitest';
import { defaultStateFile } from './state-file.ts';

it.each([
  ['linux', { HOME: '/h' }, '/h/.local/state/forebay/scaler.sqlite'],
  ['linux', { HOME: '/h', XDG_STATE_HOME: '/s' }, '/s/forebay/scaler.sqlite'],
  ['linux', { HOME: '/h', XDG_STATE_HOME: 'relative' }, '/h/.local/state/forebay/scaler.sqlite'],
  ['darwin', { HOME: '/Users/u' }, '/Users/u/Library/Application Support/forebay/scaler.sqlite'],
  ['win32', { LOCALAPPDATA: 'C:\\L' }, 'C:\\L\\forebay\\scaler.sqlite'],
  ['linux', {}, undefined],
])('is in the state folder of %s with %j', (platform, env, file) => {
  expect(defaultStateFile(env, platform)).toBe(file);
});

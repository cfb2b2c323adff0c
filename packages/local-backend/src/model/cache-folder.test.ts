import { expect, it } from 'vitest';
import { cacheFolder } from './cache-folder.ts';

const LINUX = {
  platform: 'linux',
  homeDir: '/home/a',
  xdgCacheHome: undefined,
  localAppData: undefined,
} as const;

it.each([
  ['Linux', LINUX, '/home/a/.cache/forebay'],
  ['XDG_CACHE_HOME', { ...LINUX, xdgCacheHome: '/var/cache/a' }, '/var/cache/a/forebay'],
  ['a relative XDG_CACHE_HOME', { ...LINUX, xdgCacheHome: 'cache' }, '/home/a/.cache/forebay'],
  ['macOS', { ...LINUX, platform: 'darwin' }, '/home/a/Library/Caches/forebay'],
] as const)('finds the folder for %s', (_, place, folder) => {
  expect(cacheFolder(place)).toBe(folder);
});

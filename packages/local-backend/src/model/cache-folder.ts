import { isAbsolute, join } from 'node:path';

/** What the place of a user's cache depends on. */
export interface CachePlace {
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
  /** `XDG_CACHE_HOME`; counts only when it is absolute, as its specification says. */
  readonly xdgCacheHome: string | undefined;
  /** `LOCALAPPDATA`, on Windows. */
  readonly localAppData: string | undefined;
}

/** The folder under which this program keeps what it fetched. */
export function cacheFolder({ platform, homeDir, xdgCacheHome, localAppData }: CachePlace): string {
  if (xdgCacheHome && isAbsolute(xdgCacheHome)) return join(xdgCacheHome, 'forebay');
  if (platform === 'darwin') return join(homeDir, 'Library', 'Caches', 'forebay');
  if (platform === 'win32' && localAppData) return join(localAppData, 'forebay');
  return join(homeDir, '.cache', 'forebay');
}

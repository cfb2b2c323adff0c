import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../../packages/local-backend/src/model/cache-folder.ts';
import { startProgram } from './program.ts';

/** Where the weights lie; fetched first where they don't yet, which takes minutes. */
export async function modelFolder(): Promise<string> {
  const { FOREBAY_MODEL_DIR, XDG_CACHE_HOME } = process.env;
  if (FOREBAY_MODEL_DIR) return FOREBAY_MODEL_DIR;
  const home = homedir();
  const place = { platform: process.platform, homeDir: home, xdgCacheHome: XDG_CACHE_HOME };
  const folder = join(cacheFolder({ ...place, localAppData: undefined }), 'all-MiniLM-L6-v2');
  if (existsSync(join(folder, 'model.safetensors'))) return folder;
  const env = { HOME: home, ...(XDG_CACHE_HOME !== undefined && { XDG_CACHE_HOME }), PORT: '0' };
  const server = await startProgram(['packages/local-backend/src/main.ts'], env, /ready with/, 240_000);
  await server.stop();
  return folder;
}

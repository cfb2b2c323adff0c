import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { docker, enginePaths } from './engine.ts';
import { run } from './run.ts';

/** What {@link importPlainImage} makes. */
export const PLAIN_IMAGE = 'forebay-rig/plain:1';

/**
 * Makes an image of this machine's own files, since none can be pulled: a shell, `sleep`, and the libraries that these and each of
 * `programs` load. The programs themselves are mounted, or they would be copied for each container.
 */
export async function importPlainImage(programs: readonly string[] = []): Promise<void> {
  const { folder } = enginePaths();
  const root = mkdtempSync(join(folder, 'image-'));
  const inside = ['/bin/bash', '/bin/sleep'];
  const libraries = await Promise.all([...inside, ...programs].map(librariesOf));
  try {
    for (const path of new Set([...inside, ...libraries.flat()])) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      cpSync(realpathSync(path), join(root, path));
    }
    symlinkSync('bash', join(root, 'bin/sh')); // health checks of the shell form want it
    for (const name of ['tmp', 'proc', 'dev', 'etc']) mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/tmp:/bin/bash\n');
    const tar = `${root}.tar`;
    await run('tar', ['-C', root, '-cf', tar, '.']);
    await docker(['import', '--change', 'ENV PATH=/bin', tar, PLAIN_IMAGE]);
    rmSync(tar);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The loader and every shared library, as the loader finds them here. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const listed = await run('ldd', [program]);
  // Libraries that a program brings lie beside it, and are mounted with it.
  return [...listed.matchAll(/^\s*(?:\S+ => )?(\/(?:usr\/)?lib\S+) \(0x/gm)].flatMap(([, path]) =>
    path === undefined ? [] : [path],
  );
}

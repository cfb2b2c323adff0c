import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A list of backends on disk, as `BACKENDS_FILE` names one. */
export interface BackendsFile extends AsyncDisposable {
  readonly path: string;
  /** Replaces the list in one step. */
  write(
    backends: readonly Readonly<Record<string, unknown>>[],
    tenants?: readonly { readonly id: string; readonly weight: number }[],
  ): Promise<void>;
}

/** In a folder of its own, which goes with it. */
export async function backendsFile(
  backends: readonly Readonly<Record<string, unknown>>[],
): Promise<BackendsFile> {
  const folder = await mkdtemp(join(tmpdir(), 'forebay-gateway-test-'));
  const path = join(folder, 'backends.json');
  const write: BackendsFile['write'] = async (list, tenants = []) => {
    await writeFile(`${path}.next`, JSON.stringify({ backends: list, tenants }));
    await rename(`${path}.next`, path);
  };
  await write(backends);
  return { path, write, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

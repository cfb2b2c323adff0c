import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Installed } from '../rig.ts';

/** Kubernetes' own schemas, for use without a cluster. */
const PACKAGE = 'kubernetes-validate==1.37.0';

/** Checks manifests against Kubernetes' schemas; which fields exist and of which types they are, not what they come to. */
export class ManifestValidator {
  readonly #venv: string;

  constructor(folder: string) {
    this.#venv = join(folder, 'kubernetes-validate');
  }

  /** Into a virtual environment of its own, 144 MB; at once when it is there. */
  install(): Installed {
    if (existsSync(this.#program)) return { kind: 'installed' };
    for (const [program, ...args] of [
      ['python3', '-m', 'venv', this.#venv],
      [join(this.#venv, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', PACKAGE],
    ] as const) {
      const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
      if (status === 0) continue;
      const because = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
      return { kind: 'unavailable', because: `${PACKAGE} can't be installed: ${because}` };
    }
    return { kind: 'installed' };
  }

  /** What is wrong with a file of manifests; empty when nothing is. */
  validate(path: string): string {
    const { status, stdout, stderr } = spawnSync(this.#program, ['--strict', path], { encoding: 'utf8' });
    return status === 0 ? '' : `${stdout}${stderr}`;
  }

  get #program(): string {
    return join(this.#venv, 'bin', 'kubernetes-validate');
  }
}

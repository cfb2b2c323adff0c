import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The folder of manifests that users apply. */
export const MANIFESTS: string = fileURLToPath(new URL('../../../../deploy/kubernetes', import.meta.url));

/** Why the suite can't run here; undefined where it can. */
export function kubectlMissing(): string | undefined {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'kubectl is not installed (apt-get install kubernetes-client, or the binary of your cluster)';
  }
}

/** The real kubectl against one cluster; rejects with what it says when it fails. */
export function kubectl(kubeconfig: string) {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: kubeconfig };
  return async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('kubectl', args, { env, timeout: 60_000, encoding: 'utf8' });
    return stdout.trimEnd();
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { ScalerError } from '../../errors.ts';
import type { Access, ReadAccess } from './access.ts';
import { readKubeconfigs } from './kubeconfig.ts';

/** Options of the driver that say where the API server is. */
export interface AccessOptions {
  readonly server?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly caFile?: string | undefined;
  /** Path; several as in KUBECONFIG. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Kubernetes puts a pod's own credentials. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * How the API server is reached, the first of these that is there: `server`, the options `kubeconfig` or `context`, KUBECONFIG, the pod's service
 * account, `~/.kube/config`. Files are read again at each call, since tokens in them change.
 */
export function readAccess(
  options: AccessOptions,
  env: Environment,
  serviceAccountDir: string = SERVICE_ACCOUNT,
): ReadAccess {
  const { server, kubeconfig, context } = options;
  if (server !== undefined) return () => explicit({ ...options, server }, serviceAccountDir);
  const paths = kubeconfig ?? (env.KUBECONFIG || undefined);
  if (paths !== undefined) return () => fromKubeconfigs(paths.split(delimiter), context);
  if (context === undefined && env.KUBERNETES_SERVICE_HOST) return () => inCluster(env, serviceAccountDir);
  return () => fromKubeconfigs([join(env.HOME ?? '', '.kube', 'config')], context);
}

function explicit(
  { server, tokenFile, caFile }: AccessOptions & { readonly server: string },
  serviceAccountDir: string,
): Access {
  return {
    server: server.replace(/\/+$/, ''),
    namespace: ownNamespace(serviceAccountDir),
    ...(tokenFile !== undefined && { token: read(tokenFile, 'tokenFile').trim() }),
    ...(caFile !== undefined && { ca: read(caFile, 'caFile') }),
  };
}

function inCluster(env: Environment, serviceAccountDir: string): Access {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const port = env.KUBERNETES_SERVICE_PORT || '443';
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: ownNamespace(serviceAccountDir),
    token: read(join(serviceAccountDir, 'token'), "the service account's token").trim(),
    ca: read(join(serviceAccountDir, 'ca.crt'), "the cluster's authority"),
  };
}

/** Files that are missing are passed over, as kubectl does where it is given several. */
function fromKubeconfigs(paths: readonly string[], context: string | undefined): Access {
  const existing = paths.filter((path) => path !== '' && (paths.length === 1 || existsSync(path)));
  if (existing.length === 0) throw new ScalerError('SCALER_CONFIG', `no kubeconfig at ${paths.join(', ')}`);
  const files = existing.map((path) => ({
    path,
    folder: dirname(resolve(path)),
    text: read(path, 'kubeconfig'),
  }));
  return readKubeconfigs(files, context, (folder, path) => readFileSync(resolve(folder, path), 'utf8'));
}

function ownNamespace(serviceAccountDir: string): string {
  const path = join(serviceAccountDir, 'namespace');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : 'default';
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause);
    const where = 'set server, kubeconfig or KUBECONFIG, or run in a pod whose service account is mounted';
    throw new ScalerError('SCALER_CONFIG', `driver kubernetes: ${what} can't be read: ${because}; ${where}`, {
      cause,
    });
  }
}

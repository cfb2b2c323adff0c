import { z } from 'zod';
import { readYaml } from '../../config/read-yaml.ts';
import { ScalerError } from '../../errors.ts';
import type { Access } from './access.ts';

/** A kubeconfig with the folder that its relative paths begin at. */
export interface KubeconfigFile {
  readonly text: string;
  /** For messages. */
  readonly path: string;
  readonly folder: string;
}

/** Where files lie that a kubeconfig names; throws like `readFileSync`. */
export type ReadFile = (folder: string, path: string) => string;

const named = <Name extends string, Value extends z.ZodType>(name: Name, value: Value) =>
  z
    .array(z.object({ name: z.string(), [name]: value } as { name: z.ZodString } & Record<Name, Value>))
    .nullish()
    .transform((list) => list ?? []);

const cluster = z.looseObject({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.base64().optional(),
});
const user = z
  .looseObject({
    token: z.string().optional(),
    tokenFile: z.string().optional(),
    'client-certificate': z.string().optional(),
    'client-certificate-data': z.base64().optional(),
    'client-key': z.string().optional(),
    'client-key-data': z.base64().optional(),
  })
  .nullish()
  .transform((value) => value ?? {});
const context = z.looseObject({
  cluster: z.string(),
  user: z.string().optional(),
  namespace: z.string().optional(),
});
const kubeconfig = z.looseObject({
  clusters: named('cluster', cluster),
  users: named('user', user),
  contexts: named('context', context),
  'current-context': z.string().nullish(),
});
type Kubeconfig = z.output<typeof kubeconfig>;

/** What takes a program, another protocol or less safety than the driver has. */
const REFUSED: Readonly<Record<string, string>> = {
  exec: 'a program that makes credentials',
  'auth-provider': 'a provider of credentials',
  username: 'a name and password, which Kubernetes dropped in 1.19',
  as: 'acting as somebody else',
  'insecure-skip-tls-verify': 'a server whose certificate nobody checks',
  'proxy-url': 'a proxy',
  'tls-server-name': 'another name in the certificate',
};

/**
 * What kubeconfigs say of one context, the current one unless it is named; of two entries with one name the earlier file's counts, as for kubectl.
 *
 * @throws ScalerError `SCALER_CONFIG` naming file, entry and what to do
 */
export function readKubeconfigs(
  files: readonly KubeconfigFile[],
  contextName: string | undefined,
  readFile: ReadFile,
): Access {
  const parsed = files.map((file) => ({ file, config: parse(file) }));
  const paths = files.map(({ path }) => path).join(', ');
  const first = <T>(find: (config: Kubeconfig) => T | undefined) => {
    for (const { file, config } of parsed) {
      const found = find(config);
      if (found !== undefined) return { file, found };
    }
    return undefined;
  };
  const name = contextName ?? first((config) => config['current-context'] || undefined)?.found;
  if (name === undefined) throw fault(paths, 'has no current-context: set the option context');
  const chosen = first(({ contexts }) => contexts.find((each) => each.name === name))?.found.context;
  if (chosen === undefined) throw fault(paths, `has no context ${name}`);
  const at = first(({ clusters }) => clusters.find((each) => each.name === chosen.cluster));
  if (at === undefined) throw fault(paths, `has no cluster ${chosen.cluster}, which context ${name} names`);
  const by =
    chosen.user === undefined || chosen.user === ''
      ? undefined
      : first(({ users }) => users.find((each) => each.name === chosen.user));
  if (by === undefined && chosen.user)
    throw fault(paths, `has no user ${chosen.user}, which context ${name} names`);
  refuse(paths, `cluster ${chosen.cluster}`, at.found.cluster);
  if (by) refuse(paths, `user ${chosen.user}`, by.found.user);
  return {
    server: at.found.cluster.server.replace(/\/+$/, ''),
    namespace: chosen.namespace || 'default',
    ...authority(at.found.cluster, at.file, readFile),
    ...(by && credentials(by.found.user, by.file, readFile, `user ${chosen.user}`)),
  };
}

function parse({ text, path }: KubeconfigFile): Kubeconfig {
  const yaml = readYaml(text, path);
  if (yaml.kind === 'broken') throw fault(path, yaml.problems.join('; '));
  const parsed = kubeconfig.safeParse(yaml.value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw fault(path, faults.join('; '));
}

function refuse(paths: string, entry: string, fields: Readonly<Record<string, unknown>>): void {
  for (const [field, what] of Object.entries(REFUSED)) {
    if (!fields[field]) continue;
    const instead = "use a service account's token (tokenFile) or a client certificate";
    throw fault(paths, `${entry} uses ${field} (${what}), which this driver doesn't do: ${instead}`);
  }
}

function authority(
  fields: z.output<typeof cluster>,
  file: KubeconfigFile,
  readFile: ReadFile,
): Pick<Access, 'ca'> {
  const ca = textOf(fields['certificate-authority-data'], fields['certificate-authority'], file, readFile);
  return ca === undefined ? {} : { ca };
}

function credentials(
  fields: z.output<typeof user>,
  file: KubeconfigFile,
  readFile: ReadFile,
  entry: string,
): Pick<Access, 'token' | 'clientCertificate'> {
  // The file, which is renewed, before the token that was written down once.
  const token = fields.tokenFile
    ? contents(fields.tokenFile, file, readFile).trim()
    : fields.token || undefined;
  const cert = textOf(fields['client-certificate-data'], fields['client-certificate'], file, readFile);
  const key = textOf(fields['client-key-data'], fields['client-key'], file, readFile);
  if ((cert === undefined) !== (key === undefined)) {
    throw fault(
      file.path,
      `${entry} has a client certificate without its key, or a key without its certificate`,
    );
  }
  return {
    ...(token !== undefined && { token }),
    ...(cert !== undefined && key !== undefined && { clientCertificate: { cert, key } }),
  };
}

/** Data counts before a file. */
function textOf(
  data: string | undefined,
  path: string | undefined,
  file: KubeconfigFile,
  readFile: ReadFile,
): string | undefined {
  if (data) return Buffer.from(data, 'base64').toString();
  return path ? contents(path, file, readFile) : undefined;
}

function contents(path: string, { path: from, folder }: KubeconfigFile, readFile: ReadFile): string {
  try {
    return readFile(folder, path);
  } catch (cause) {
    throw fault(from, `names ${path}, which can't be read: ${cause instanceof Error ? cause.message : ''}`);
  }
}

function fault(paths: string, what: string): ScalerError {
  return new ScalerError('SCALER_CONFIG', `kubeconfig ${paths}: ${what}`);
}

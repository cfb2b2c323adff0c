import { Document, isScalar, visit } from 'yaml';
import type { LoadedConfig } from './load-config.ts';
import { maskUrlSecrets } from './mask-secrets.ts';

/**
 * The text of `--check-config` for a usable configuration: a YAML file of every setting, with where it was written
 * behind each that isn't a default. Secrets are masked; else the file would load to the same configuration.
 */
export function describeConfig(loaded: LoadedConfig): string {
  const { forebayAdminKey, backendsToken, hostsToken, ...config } = loaded.config;
  const shown = {
    ...config,
    ...(config.gatewayUrl.length === 0 && { gatewayUrl: 'none' }),
    ...(forebayAdminKey === undefined ? {} : { forebayAdminKey: '****' }),
    ...(backendsToken === undefined ? {} : { backendsToken: '****' }),
    ...(hostsToken === undefined ? {} : { hostsToken: '****' }),
  };
  const document = new Document(masked(shown), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === 'key') return;
      const origin = loaded.originOf([...pathOf(ancestors), ...(typeof key === 'number' ? [key] : [])]);
      if (origin !== undefined) node.comment = ` ${origin}`;
    },
  });
  const warnings = loaded.warnings.map((warning) => `# warning: ${warning}\n`).join('');
  return `# The configuration is usable; behind a value stands where it was written, else it is a default.\n${warnings}${document.toString({ lineWidth: 0 })}`;
}

/** Secrets that stand in drivers' options by the names that people give them, and in URLs. */
const SECRET_KEY = /(key|token|secret|password|credential)s?$/i;

function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskUrlSecrets(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      typeof member === 'string' && SECRET_KEY.test(key)
        ? '****'
        : key === 'webhook'
          ? originOf(member)
          : masked(member),
    ]),
  );
}

/** Path and query of a webhook are often all that it is protected by. */
function originOf(url: unknown): string {
  return `${URL.parse(String(url))?.origin ?? ''}/****`;
}

/** The path of keys and indices to what stands below these nodes. */
function pathOf(ancestors: readonly unknown[]): PropertyKey[] {
  return ancestors.flatMap((ancestor, i): PropertyKey[] => {
    if (typeof ancestor !== 'object' || ancestor === null) return [];
    if ('key' in ancestor && isScalar(ancestor.key)) return [String(ancestor.key.value)];
    const child = ancestors[i + 1];
    if (!('items' in ancestor) || !Array.isArray(ancestor.items) || child === undefined) return [];
    const index = ancestor.items.indexOf(child);
    return typeof child === 'object' && child !== null && 'key' in child ? [] : [index];
  });
}

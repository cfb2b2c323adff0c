import type { AddressPolicy } from '../discovery/address-policy.ts';
import type { BackendSource } from '../discovery/backend-source.ts';
import { fileSource } from '../discovery/file-source.ts';
import { httpListSource } from '../discovery/http-list-source.ts';
import { parseBackends } from '../discovery/parse-backend-url.ts';
import { sourcesOfBackends } from '../discovery/sources-of-backends.ts';
import type { ResolvedOptions } from '../options.ts';

/** The sources of backends that the options name, in the order of their rank. */
export function configuredSources(options: ResolvedOptions, policy: AddressPolicy): readonly BackendSource[] {
  const { clock, transport, backendsUrl: url, backendsToken: token, backendsFile } = options;
  const dependencies = { clock, transportFactory: transport, policy };
  return [
    ...options.sources,
    ...sourcesOfBackends(parseBackends(options.backends), dependencies),
    ...(backendsFile ? [fileSource(backendsFile, dependencies)] : []),
    ...(url ? [httpListSource(token ? { url, token } : { url }, dependencies)] : []),
  ];
}

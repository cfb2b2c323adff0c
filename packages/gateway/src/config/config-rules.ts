import { PoolError, parseAllowedBackends, parseBackendList } from '@forebay/pool-client';
import type { GatewayConfig, SettingKey } from './gateway-config.ts';
import { isLoopback } from './is-loopback.ts';
import { variableOf } from './settings.ts';

/** A configuration after the rules that look at several settings at once. */
export interface RuledConfig {
  readonly config: GatewayConfig;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Applies what no setting can decide alone, and what only the pool can judge; `given` names the settings that
 * somebody wrote down as messages do: `PORT`, or `forebay.yaml:7 port`.
 */
export function applyRules(raw: GatewayConfig, given: ReadonlyMap<SettingKey, string>): RuledConfig {
  const hasSource = raw.djlUrls.length > 0 || raw.backendsUrl !== undefined || raw.backendsFile !== undefined;
  const problems = [
    ...poolProblems(() => parseBackendList(raw.djlUrls.join(',')), given.get('djlUrls')),
    ...poolProblems(() => parseAllowedBackends(raw.allowedBackends.join(',')), given.get('allowedBackends')),
    ...sourceProblems(raw, hasSource),
    ...accessProblems(raw),
    ...pairProblems(raw),
  ];
  const warnings: string[] = [];
  if (hasSource && given.has('localBackends') && raw.localBackends > 0) {
    warnings.push('LOCAL_BACKENDS has no effect: another source of backends is configured');
  }
  if (raw.backendsToken !== undefined && raw.backendsUrl === undefined) {
    warnings.push('BACKENDS_TOKEN has no effect without BACKENDS_URL');
  }
  const config: GatewayConfig = {
    ...raw,
    localBackends: hasSource ? 0 : raw.localBackends,
    allowedHosts: raw.allowedHosts.length > 0 ? raw.allowedHosts.map(lowerCase) : defaultHosts(raw.host),
  };
  return { config, problems, warnings };
}

/** What the pool says against a setting that it reads itself. */
function poolProblems(read: () => unknown, name = ''): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof PoolError)) throw error;
    return [`${name}: ${error.message.replace('ALLOWED_BACKENDS: ', '')}`];
  }
}

function sourceProblems(raw: GatewayConfig, hasSource: boolean): string[] {
  if (hasSource || (isLoopback(raw.host) && raw.localBackends > 0)) return [];
  const because = isLoopback(raw.host)
    ? 'LOCAL_BACKENDS is 0'
    : `HOST is ${raw.host}, and local backends start only where HOST is loopback`;
  return [`there is no source of backends: set DJL_URLS, BACKENDS_URL or BACKENDS_FILE (${because})`];
}

function accessProblems(raw: GatewayConfig): string[] {
  if (isLoopback(raw.host) || raw.forebayApiKeysFile !== undefined || raw.forebayAllowOpen) return [];
  return [
    `HOST is ${raw.host}, which others can reach: set FOREBAY_API_KEYS_FILE, or FOREBAY_ALLOW_OPEN=1 where everyone who can reach it may embed`,
  ];
}

const FILE_PAIRS = [
  ['tlsCertFile', 'tlsKeyFile'],
  ['tlsKeyFile', 'tlsCertFile'],
  ['tlsClientCaFile', 'tlsCertFile'],
  ['backendsClientCertFile', 'backendsClientKeyFile'],
  ['backendsClientKeyFile', 'backendsClientCertFile'],
] as const satisfies readonly (readonly [SettingKey, SettingKey])[];

/** Files that make no sense alone. */
function pairProblems(raw: GatewayConfig): string[] {
  return FILE_PAIRS.filter(([given, needed]) => raw[given] !== undefined && raw[needed] === undefined).map(
    ([given, needed]) => `${variableOf(given)} is set without ${variableOf(needed)}: set both`,
  );
}

function defaultHosts(host: string): string[] {
  return [...new Set([host.includes(':') ? `[${host}]` : host, 'localhost', '127.0.0.1', '[::1]'])];
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}

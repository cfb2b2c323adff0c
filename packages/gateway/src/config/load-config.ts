import { type ConfigError, configError } from './config-error.ts';
import { applyRules } from './config-rules.ts';
import type { GatewayConfig, SettingKey } from './gateway-config.ts';
import { shownRefused } from './mask-secrets.ts';
import { nearestName } from './nearest-name.ts';
import { readArguments } from './read-arguments.ts';
import { readYaml } from './read-yaml.ts';
import { SETTING_KEYS, SETTINGS, variableOf } from './settings.ts';
import { unknownVariables } from './unknown-variables.ts';

/** Where the configuration comes from. */
export interface ConfigInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments after the program's name; only `--config FILE` matters here. @default [] */
  readonly argv?: readonly string[];
  /** Reads a whole file as UTF-8, throwing when it can't. */
  readonly readFile: (path: string) => string;
}

/** A usable configuration. */
export interface LoadedConfig {
  readonly kind: 'loaded';
  readonly config: GatewayConfig;
  /** Where each setting that isn't at its default was written: `PORT` or `forebay.yaml:7`. */
  readonly origins: ReadonlyMap<SettingKey, string>;
  /** What is probably a mistake, and doesn't stop the start. */
  readonly warnings: readonly string[];
}

/** Reads the YAML file, then the environment, which wins; all problems are reported together. */
export function loadConfig(input: ConfigInput): LoadedConfig | ConfigError {
  const problems: string[] = [];
  const given = new Map<SettingKey, Given>();
  for (const found of [...fromFile(input, problems), ...fromEnvironment(input.env)]) {
    const result = SETTINGS[found.key].schema.safeParse(found.value);
    if (result.success) given.set(found.key, { ...found, value: result.data });
    else problems.push(refusal(found));
  }
  if (problems.length > 0) return configError(problems);

  const values = SETTING_KEYS.map((key) => [key, given.get(key)?.value ?? SETTINGS[key].fallback]);
  // `as` holds: each key of GatewayConfig has the value that its own schema, typed by SETTINGS, let through.
  const raw = Object.fromEntries(values) as GatewayConfig;
  const ruled = applyRules(raw, new Map([...given].map(([key, { name }]) => [key, name])));
  if (ruled.problems.length > 0) return configError(ruled.problems);
  return {
    kind: 'loaded',
    config: frozen(ruled.config),
    origins: new Map([...given].map(([key, { place }]) => [key, place])),
    warnings: [...unknownVariables(input.env), ...ruled.warnings],
  };
}

/** A value that somebody wrote for a setting, and where. */
interface Given {
  readonly key: SettingKey;
  readonly value: unknown;
  /** `PORT`, or `forebay.yaml:7`. */
  readonly place: string;
  /** How a message names the setting: `PORT`, or `forebay.yaml:7 port`. */
  readonly name: string;
}

function fromEnvironment(env: ConfigInput['env']): Given[] {
  return SETTING_KEYS.flatMap((key) => {
    const variable = variableOf(key);
    const text = env[variable]?.trim();
    // An empty variable counts as not set: that is what `PORT=${PORT}` in a compose file leaves behind.
    if (text === undefined || text === '') return [];
    return [{ key, value: SETTINGS[key].fromText(text), place: variable, name: variable }];
  });
}

function fromFile(input: ConfigInput, problems: string[]): Given[] {
  const args = readArguments(input.argv ?? []);
  if (args.kind === 'broken') {
    problems.push(args.problem);
    return [];
  }
  if (args.configFile === undefined) return [];
  const text = readOrReport(input, args.configFile, problems);
  return text === undefined ? [] : fromYaml(text, args.configFile, problems);
}

function readOrReport(input: ConfigInput, path: string, problems: string[]): string | undefined {
  try {
    return input.readFile(path);
  } catch (error) {
    problems.push(
      `--config ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

function fromYaml(text: string, fileName: string, problems: string[]): Given[] {
  const yaml = readYaml(text, fileName);
  if (yaml.kind === 'broken') {
    problems.push(...yaml.problems);
    return [];
  }
  if (yaml.value === null) return [];
  if (typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
    problems.push(`${fileName}:1 must be a mapping of settings, such as "port: 8080"`);
    return [];
  }
  return Object.entries(yaml.value).flatMap(([name, value]) => {
    const place = `${fileName}:${yaml.lineOf([name])}`;
    const key = SETTING_KEYS.find((known) => known === name);
    if (key !== undefined) return [{ key, value, place, name: `${place} ${name}` }];
    const meant = nearestName(name, SETTING_KEYS);
    problems.push(`${place} ${name} is not a setting${meant ? `, did you mean ${meant}?` : ''}`);
    return [];
  });
}

function refusal({ key, name, value }: Given): string {
  const { must, secret } = SETTINGS[key];
  return `${name} must ${must}, got ${shownRefused(value, secret)}`;
}

function frozen(config: GatewayConfig): GatewayConfig {
  for (const value of Object.values(config)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(config);
}

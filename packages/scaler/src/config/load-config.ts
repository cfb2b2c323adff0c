import { type ConfigError, configError } from './config-error.ts';
import { fileFaults, unknownVariables } from './config-rules.ts';
import { fileSchema, type ParsedFile } from './file-schema.ts';
import { isMapping, overlay, pathKey } from './overlay.ts';
import { type Fault, faultsOf } from './problems.ts';
import { readArguments } from './read-arguments.ts';
import { readYaml, type YamlValues } from './read-yaml.ts';
import type { ScalerConfig } from './scaler-config.ts';
import { defaultStateFile } from './state-file.ts';

/** Where the configuration comes from. */
export interface ConfigInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments after the program's name and `run`; only `--config FILE` matters here. @default [] */
  readonly argv?: readonly string[];
  /** Reads a whole file as UTF-8, throwing when it can't. */
  readonly readFile: (path: string) => string;
  /** As `process.platform`; decides on the state folder. @default 'linux' */
  readonly platform?: string;
}

/** A usable configuration. */
export interface LoadedConfig {
  readonly kind: 'loaded';
  readonly config: ScalerConfig;
  /** Where what stands at a path was written: `SCALER_PORT` or `forebay.yaml:7`; nothing for a default. */
  originOf(path: readonly PropertyKey[]): string | undefined;
  /** What is probably a mistake, and doesn't stop the start. */
  readonly warnings: readonly string[];
}

/** Reads the YAML file, then the environment, which wins; all problems are reported together. */
export function loadConfig(input: ConfigInput): LoadedConfig | ConfigError {
  const file = readConfigFile(input);
  if (file.kind === 'broken') return configError(file.problems);
  const { value, variableAt, problems } = overlay(file.value, input.env);
  if (problems.length > 0) return configError(problems);

  const origins = originFinder(file, variableAt);
  const parsed = fileSchema.safeParse(value);
  const faults = parsed.success ? fileFaults(parsed.data, value) : faultsOf(parsed.error, value);
  if (faults.length > 0 || !parsed.success)
    return configError([...new Set(faults.map((fault) => problemOf(fault, origins)))]);

  const state = parsed.data.state ?? defaultStateFile(input.env, input.platform ?? 'linux');
  if (state === undefined) {
    return configError([
      'SCALER_STATE must be set where neither HOME nor XDG_STATE_HOME is: a path, or :memory:',
    ]);
  }
  return {
    kind: 'loaded',
    config: deepFrozen(completed(parsed.data, state)),
    originOf: (path) => origins.placeOf(path),
    warnings: unknownVariables(input.env),
  };
}

type FileValues =
  | { readonly kind: 'none'; readonly value: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'file';
      readonly value: Readonly<Record<string, unknown>>;
      readonly name: string;
      readonly yaml: YamlValues;
    };

function readConfigFile(
  input: ConfigInput,
): FileValues | { readonly kind: 'broken'; readonly problems: readonly string[] } {
  const args = readArguments(input.argv ?? []);
  if (args.kind === 'broken') return { kind: 'broken', problems: [args.problem] };
  const name = args.configFile;
  if (name === undefined) return { kind: 'none', value: {} };
  let text: string;
  try {
    text = input.readFile(name);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'broken', problems: [`--config ${name} cannot be read: ${why}`] };
  }
  const yaml = readYaml(text, name);
  if (yaml.kind === 'broken') return yaml;
  const value = yaml.value ?? {};
  if (isMapping(value)) return { kind: 'file', value, name, yaml };
  return { kind: 'broken', problems: [`${name}:1 must be a mapping of settings, such as "port: 8090"`] };
}

interface Origins {
  placeOf(path: readonly PropertyKey[]): string | undefined;
  /** How a message begins: `SCALER_PORT`, or `forebay.yaml:7 groups[0].min`. */
  nameOf(path: readonly PropertyKey[]): string;
}

function originFinder(file: FileValues, variableAt: ReadonlyMap<string, string>): Origins {
  const variableOf = (path: readonly PropertyKey[]) => {
    for (let length = path.length; length > 0; length -= 1) {
      const variable = variableAt.get(pathKey(path.slice(0, length)));
      if (variable !== undefined) return variable;
    }
    return undefined;
  };
  const lineOf = (path: readonly PropertyKey[]) =>
    file.kind === 'file' ? `${file.name}:${file.yaml.lineOf(path)}` : undefined;
  return {
    placeOf: (path) => variableOf(path) ?? (isWritten(file.value, path) ? lineOf(path) : undefined),
    nameOf: (path) => variableOf(path) ?? [lineOf(path), pathText(path)].filter(Boolean).join(' '),
  };
}

function problemOf({ path, message }: Fault, origins: Origins): string {
  return `${origins.nameOf(path)} ${message}`;
}

function isWritten(value: unknown, path: readonly PropertyKey[]): boolean {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return false;
    // `as` holds: `found` is an object that has `step`.
    found = (found as Record<PropertyKey, unknown>)[step];
  }
  return true;
}

/** `groups[0].min`. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i > 0 ? '.' : ''}${String(step)}`))
    .join('');
}

function completed(file: ParsedFile, state: string): ScalerConfig {
  const { groups, drivers, ...rest } = file;
  const host = file.host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const named = Object.entries(drivers).filter(([, options]) => options !== undefined);
  return {
    ...rest,
    host,
    state,
    drivers: Object.fromEntries(named),
    groups: groups.map((group) => {
      const driver = group.driver ?? file.driver;
      return { ...group.settings, driver, driverOptions: { ...drivers[driver], ...group.driverOptions } };
    }),
    forebayAdminKey: file.forebayAdminKey,
    backendsToken: file.backendsToken,
    hostsToken: file.hostsToken,
    allowedHosts:
      file.allowedHosts.length > 0
        ? file.allowedHosts.map((allowed) => allowed.toLowerCase())
        : [...new Set([host.includes(':') ? `[${host}]` : host, 'localhost', '127.0.0.1', '[::1]'])],
  };
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFrozen);
    Object.freeze(value);
  }
  return value;
}

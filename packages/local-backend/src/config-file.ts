import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { RawSettings } from './config.ts';
import { LocalBackendError, messageOf } from './errors.ts';
import { SETTINGS } from './settings.ts';

/**
 * Reads settings from a YAML (or JSON) file; its keys are the variables' names in camelCase: `maxWorkers` for MAX_WORKERS,
 * `modelDir` or `forebayModelDir` for FOREBAY_MODEL_DIR. Throws `BACKEND_INVALID_CONFIG`, also for a key that means nothing.
 */
export function readConfigFile(path: string): RawSettings {
  const content = parseFile(path);
  if (content === null) return {};
  if (typeof content !== 'object' || Array.isArray(content))
    throw invalid(path, 'must be a mapping of settings');
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [toName(path, key), toText(path, key, value)]),
  );
}

function parseFile(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw invalid(path, `cannot be read: ${messageOf(error)}`);
  }
}

function toName(path: string, key: string): string {
  const wanted = key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const names = SETTINGS.flatMap(({ name, aliases }) => [name, ...aliases]);
  const name = [wanted, `FOREBAY_${wanted}`].find((candidate) => names.includes(candidate));
  if (name) return name;
  const known = SETTINGS.map((setting) => toKey(setting.name.replace(/^FOREBAY_/, '')));
  throw invalid(path, `has an unknown key "${key}"; there are ${known.join(', ')}`);
}

function toKey(name: string): string {
  return name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function toText(path: string, key: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (value === null) return '';
  throw invalid(path, `"${key}" must be a text or a number`);
}

function invalid(path: string, fault: string): LocalBackendError {
  return new LocalBackendError('BACKEND_INVALID_CONFIG', `${path} ${fault}`);
}

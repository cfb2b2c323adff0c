import { parse } from 'yaml';
import type { Environment } from './scaled-environments.ts';

/** What `pnpm start --scale` needs to know of the scaler's file. */
export interface ScalerFile {
  readonly path: string;
  /** Then their limits stand there, and ours would take their place or fit none of them. */
  readonly hasGroups: boolean;
  readonly hasAdminKey: boolean;
  /** What the file says and we have a default for, as if the environment said it. */
  readonly environment: Environment;
}

/** The key in the file for each variable. */
const KEYS = {
  SCALER_HOST: 'host',
  SCALER_PORT: 'port',
  SCALER_DRIVER: 'driver',
  SCALER_STATE: 'state',
  SCALER_ON_STOP: 'onStop',
  GATEWAY_URL: 'gatewayUrl',
  // The gateway needs it for the list of backends.
  BACKENDS_TOKEN: 'backendsToken',
} as const;

/** Reads a file that the scaler has found usable. */
export function readScalerFile(path: string, text: string): ScalerFile {
  const values = (parse(text) ?? {}) as Readonly<Record<string, unknown>>; // a mapping: the scaler takes nothing else
  const environment = Object.entries(KEYS).flatMap(([name, key]) => {
    const value = values[key];
    return value === undefined || value === null ? [] : [[name, String(value)]];
  });
  return {
    path,
    hasGroups: Array.isArray(values.groups),
    hasAdminKey: Boolean(values.forebayAdminKey),
    environment: Object.fromEntries(environment),
  };
}

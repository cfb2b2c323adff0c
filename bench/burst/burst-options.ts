import { MODEL } from '../programs.ts';

/** What `pnpm bench --url` was asked for. */
export interface BurstOptions {
  /** The gateway; a key may stand in it: `http://:KEY@127.0.0.1:8080`. */
  readonly url: URL;
  readonly model: string;
  readonly seconds: number;
  readonly connections: number;
  readonly chunks: number;
  /** Whose counts stand in the lines of progress. */
  readonly scaler: URL | undefined;
  /** The end of the result file's name; without one nothing is written. */
  readonly name: string | undefined;
}

/** The flags of a burst, as `parseArgs` takes them. */
export const BURST_FLAGS = {
  url: { type: 'string' },
  model: { type: 'string' },
  seconds: { type: 'string' },
  connections: { type: 'string' },
  chunks: { type: 'string' },
  scaler: { type: 'string' },
} as const;

type Texts = { readonly [Flag in keyof typeof BURST_FLAGS]?: string | undefined } & {
  readonly name?: string | undefined;
};

/** Reads the flags of a burst. Throws a `RangeError` that names the flag, its bound and the value. */
export function toBurstOptions({ url, model, scaler, name, ...numbers }: Texts): BurstOptions {
  return {
    url: address('--url', url ?? ''),
    model: model ?? MODEL,
    seconds: whole('--seconds', numbers.seconds ?? '60', 86_400),
    connections: whole('--connections', numbers.connections ?? '32', 10_000),
    chunks: whole('--chunks', numbers.chunks ?? '8', 10_000),
    scaler: scaler === undefined ? undefined : address('--scaler', scaler),
    name,
  };
}

function address(flag: string, text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new RangeError(`${flag} must be an address that begins with http:// or https://, got ${text}`);
}

function whole(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= most) return value;
  throw new RangeError(`${flag} must be a whole number from 1 to ${most}, got ${text}`);
}

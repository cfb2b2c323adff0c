import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { GENERATED_NAMES, type GeneratedName, generateTrace } from '../../src/simulate/generate.ts';
import { readTrace } from '../../src/simulate/read-trace.ts';

/** Where the requests of a scored trace come from. */
export type TraceSource =
  | { readonly kind: 'generated'; readonly name: GeneratedName; readonly seed: number; readonly mean: number }
  | { readonly kind: 'file'; readonly name: string; readonly path: string };

/** The files, and each generated load with each seed. */
export function traceSources(
  files: readonly string[],
  seeds: number,
  mean: number,
  only: readonly string[] | undefined,
): readonly TraceSource[] {
  const sources: TraceSource[] = files.map(fileSource);
  for (const name of GENERATED_NAMES)
    for (let seed = 1; seed <= seeds; seed += 1) sources.push({ kind: 'generated', name, seed, mean });
  return sources.filter((source) => only === undefined || only.includes(source.name));
}

/** `bulk=FILE` is judged as bulk load, a path alone as `azure`. */
function fileSource(option: string): TraceSource {
  const [, name = 'azure', path = option] = /^([a-z]+)=(.+)$/.exec(option) ?? [];
  return { kind: 'file', name, path };
}

/** What the table calls it. */
export function titleOf(source: TraceSource): string {
  return source.kind === 'file'
    ? `${source.name} (${basename(source.path)})`
    : `${source.name} ${source.seed}`;
}

/** Its requests by second. */
export function requestsOf(source: TraceSource): readonly number[] {
  if (source.kind === 'generated') return [...generateTrace(source.name, source.seed, { mean: source.mean })];
  const read = readTrace(readFileSync(source.path, 'utf8'));
  if (read.kind === 'problem') throw new Error(`${source.path}: ${read.message}`);
  return [...read.requests];
}

/** Tells traces apart whose names are the same. */
export function fingerprintOf(requests: readonly number[]): string {
  return createHash('sha256').update(requests.join()).digest('hex').slice(0, 16);
}

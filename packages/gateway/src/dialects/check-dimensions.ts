import { type GatewayError, invalidRequest } from '../errors.ts';
import type { ParsedRequest } from './dialect.ts';

/** Refuses `dimensions` other than the model's; `actual` may only be known once a vector is there. */
export function checkDimensions(parsed: ParsedRequest, actual: number): GatewayError | undefined {
  if (parsed.dimensions === undefined || parsed.dimensions === actual) return undefined;
  return invalidRequest(
    `dimensions must be ${actual}, the length of this model's vectors, or left out; got ${parsed.dimensions}`,
    'dimensions',
  );
}

/** Reads the optional field `dimensions`; `null` counts as left out. */
export function readDimensions(value: unknown): { readonly dimensions?: number } | GatewayError {
  if (value === undefined || value === null) return {};
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return { dimensions: value };
  return invalidRequest('dimensions must be a positive integer, or left out', 'dimensions');
}

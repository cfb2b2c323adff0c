import type { z } from 'zod';
import { ScalerError } from '../errors.ts';

/** A JSON column as its schema has it; `where` names the row in the `ScalerError` (`SCALER_STORE`) for a damaged one. */
export function fromJsonColumn<Value>(schema: z.ZodType<Value>, text: string, where: string): Value {
  return validRow(schema, parseColumn(text, where), where);
}

/** What a JSON column says, of whatever shape; throws as {@link fromJsonColumn} does. */
export function parseColumn(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScalerError('SCALER_STORE', `${where} is damaged: it is not JSON`, { cause });
  }
}

/** A value read from disk as its schema has it; throws as {@link fromJsonColumn} does. */
export function validRow<Value>(schema: z.ZodType<Value>, value: unknown, where: string): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
  throw new ScalerError('SCALER_STORE', `${where} is damaged: ${problems.join('; ')}`);
}

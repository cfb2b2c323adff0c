import type { Sample } from '../values/sample.ts';

/**
 * Reads the answer to an instant query; a string says why there is no value. `atMs` is the time that Prometheus puts beside the
 * value: when it evaluated the query. Underneath, the newest scrape may be up to five minutes older.
 */
export function toPrometheusSample(answer: unknown, query: string): Sample | string {
  if (!isObject(answer)) return 'answered something that is no query result';
  if (answer.status !== 'success') {
    return typeof answer.error === 'string'
      ? `refused ${query}: ${answer.error}`
      : 'answered something that is no query result';
  }
  const { resultType, result } = isObject(answer.data) ? answer.data : {};
  if (!Array.isArray(result)) return 'answered something that is no query result';
  switch (resultType) {
    case 'scalar':
      return toSample(result, query);
    case 'vector': {
      if (result.length === 0) return `has no series for ${query}`;
      if (result.length > 1) {
        return `has ${result.length} series for ${query}: aggregate them to one, as sum(…) or max(…) do`;
      }
      const only: unknown = result[0];
      return toSample(isObject(only) ? only.value : undefined, query);
    }
    default:
      return `answered a ${String(resultType)} to ${query}: it must be a scalar or one series`;
  }
}

/** `[1435781430.781, "1"]`: seconds and the value as text. */
function toSample(pair: unknown, query: string): Sample | string {
  const [seconds, text] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
  if (typeof seconds !== 'number' || typeof text !== 'string') {
    return 'answered something that is no query result';
  }
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return `says ${query} is ${text}`;
  return { kind: 'value', value, atMs: seconds * 1_000 };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

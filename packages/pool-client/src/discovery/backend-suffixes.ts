/**
 * Moves the suffixes of a backend's `url` (`;class=gpu;maxBatch=128`) into fields of their own. Whether the values are
 * right is for the schema to say.
 *
 * @throws what `fail` makes of a suffix that is unknown or given twice
 */
export function fieldsOfSuffixes(given: unknown, fail: (problem: string) => Error): unknown {
  if (typeof given !== 'object' || given === null) return given;
  if (!('url' in given) || typeof given.url !== 'string') return given;
  const [url = '', ...suffixes] = given.url.split(';');
  const fields = new Map<string, unknown>(Object.entries(given));
  fields.set('url', url.trim());
  for (const suffix of suffixes) {
    const [name = '', ...rest] = suffix.split('=');
    const key = SUFFIXES.find((known) => known === name.trim());
    if (key === undefined || rest.length === 0) {
      throw fail(`;${suffix} is none of ${SUFFIXES.map((known) => `;${known}=`).join(', ')}`);
    }
    if (fields.get(key) !== undefined) throw fail(`${key} is given twice`);
    fields.set(key, suffixValue(key, rest.join('=').trim(), fail));
  }
  return Object.fromEntries(fields);
}

const SUFFIXES = ['class', 'maxBatch', 'concurrency', 'protocol', 'model'] as const;

function suffixValue(
  key: (typeof SUFFIXES)[number],
  text: string,
  fail: (problem: string) => Error,
): string | number {
  if (key !== 'model') return /^\d{1,9}$/.test(text) ? Number(text) : text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw fail(`;model=${text} is not percent-encoded UTF-8 (${String(cause)}); write % as %25`);
  }
}

import { type GatewayError, invalidRequest } from '../errors.ts';

/** The texts of a request, and whether they came as one string or as a list. */
export interface Texts {
  readonly kind: 'texts';
  readonly texts: readonly string[];
  readonly shape: 'single' | 'list';
}

export interface TextRules {
  /** What the dialect calls the field: errors name it, with the item's position. */
  readonly field: 'input' | 'inputs';
  /** Whether `""` and blank texts are embedded; refused otherwise. */
  readonly blankAllowed: boolean;
}

/** Reads a string or a list of strings; the list is the caller's own array, not a copy. */
export function readTexts(value: unknown, rules: TextRules): Texts | GatewayError {
  const { field } = rules;
  if (typeof value === 'string') {
    return isRefusedBlank(value, rules) ? blank(field) : { kind: 'texts', texts: [value], shape: 'single' };
  }
  if (!Array.isArray(value)) {
    const found =
      value === undefined ? 'is missing' : `must be a string or a list of strings, got ${named(value)}`;
    return invalidRequest(
      `${field} ${found}: send {"${field}": "a text"} or {"${field}": ["a text", "another"]}`,
      field,
    );
  }
  const items: readonly unknown[] = value;
  if (items.length === 0)
    return invalidRequest(`${field} is an empty list: there is nothing to embed`, field);
  const wrongAt = items.findIndex((item) => typeof item !== 'string');
  if (wrongAt >= 0) return wrongItem(items[wrongAt], `${field}[${wrongAt}]`);
  // `as` holds: no item is anything but a string.
  const texts = items as readonly string[];
  const blankAt = texts.findIndex((text) => isRefusedBlank(text, rules));
  return blankAt >= 0 ? blank(`${field}[${blankAt}]`) : { kind: 'texts', texts, shape: 'list' };
}

/** What a JSON value is, for messages: never its content, which may be long or private. */
export function named(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'undefined' ? 'nothing' : `a ${typeof value}`;
}

function isRefusedBlank(text: string, rules: TextRules): boolean {
  return !rules.blankAllowed && text.trim() === '';
}

function blank(param: string): GatewayError {
  return invalidRequest(`${param} is empty or blank: send a text, or leave the item out`, param);
}

function wrongItem(item: unknown, param: string): GatewayError {
  const isTokenIds = typeof item === 'number' || (Array.isArray(item) && typeof item[0] === 'number');
  const advice = isTokenIds
    ? 'token ids are not understood, send the text itself (LangChain in Python: OpenAIEmbeddings(check_embedding_ctx_length=False))'
    : 'each item must be one text';
  return invalidRequest(`${param} must be a string, got ${named(item)}: ${advice}`, param);
}

import type { DialectName } from '../src/dialects/dialect.ts';
import { type Exchange, type ExchangeOptions, postJson } from './exchange.ts';

export const MODEL = 'all-MiniLM-L6-v2';

/** One API as its clients use it. */
export interface Api {
  readonly name: DialectName;
  readonly path: string;
  /** The field with the texts. */
  readonly field: 'input' | 'inputs';
  /** A request body for these inputs, whatever they are. */
  body(inputs: unknown, more?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** The vectors of a list's answer. */
  vectors(text: string): number[][];
}

export const djlApi: Api = {
  name: 'djl',
  path: `/predictions/${MODEL}`,
  field: 'inputs',
  body: (inputs, more) => ({ inputs, ...more }),
  vectors: (text) => JSON.parse(text),
};

export const openaiApi: Api = {
  name: 'openai',
  path: '/v1/embeddings',
  field: 'input',
  body: (input, more) => ({ model: MODEL, input, ...more }),
  vectors: (text) => {
    const { data }: { data: { embedding: number[] }[] } = JSON.parse(text);
    return data.map(({ embedding }) => embedding);
  },
};

export const teiApi: Api = {
  name: 'tei',
  path: '/embed',
  field: 'inputs',
  body: (inputs, more) => ({ inputs, ...more }),
  vectors: (text) => JSON.parse(text),
};

export const apis: readonly Api[] = [djlApi, openaiApi, teiApi];

/** Embeds through one API. */
export function embed(
  origin: string,
  api: Api,
  inputs: unknown,
  options: ExchangeOptions & { readonly more?: Readonly<Record<string, unknown>> } = {},
): Promise<Exchange> {
  const { more, ...rest } = options;
  return postJson(`${origin}${api.path}`, api.body(inputs, more), rest);
}

/** What an error answer says, in the words of any API. */
export interface Refusal {
  readonly status: number;
  /** DJL's `type`, OpenAI's `code`, TEI's `error_type`. */
  readonly word: unknown;
  readonly message: string;
}

/** Reads an error body, which has to have exactly the fields of its API. */
export function refusalOf(api: Api, { status, headers, text }: Exchange): Refusal {
  if (!headers['content-type']?.startsWith('application/json'))
    throw new Error(`no JSON error but ${status} ${headers['content-type']}: ${text.slice(0, 200)}`);
  const body = JSON.parse(text);
  const fields = (value: object) => Object.keys(value).sort().join();
  const expected = { djl: 'code,message,type', openai: 'error', tei: 'error,error_type' }[api.name];
  if (fields(body) !== expected) throw new Error(`an error of ${api.name} has ${expected}, got ${text}`);
  if (api.name === 'djl') {
    if (body.code !== status) throw new Error(`code ${body.code} is not the status ${status}`);
    return { status, word: body.type, message: body.message };
  }
  if (api.name === 'tei') return { status, word: body.error_type, message: body.error };
  const { error } = body;
  if (fields(error) !== 'code,message,param,type') throw new Error(`no error of OpenAI: ${text}`);
  return { status, word: error.code, message: error.message };
}

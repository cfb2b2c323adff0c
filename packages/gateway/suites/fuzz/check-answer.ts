import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { expectedVector } from '@forebay/testing';
import { apis, MODEL, refusalOf } from '../../test/apis.ts';
import { type FramedCase, headerOf } from './fuzz-case.ts';
import type { WireAnswer } from './http-answer.ts';

/** Statuses of the error table that a caller alone can bring about. */
const REFUSALS = [400, 401, 403, 404, 405, 413, 415, 422];
/** Node's own parser refuses these before there is a request; it writes no body and ends the connection. */
const WITHOUT_BODY = [400, 408, 413, 431];
/** Node's own answer to an `Expect` that it doesn't know, without a body; the error table doesn't have it. */
const EXPECTATION_FAILED = 417;
const UNPACKERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  identity: (bytes) => bytes,
  '': (bytes) => bytes,
};

/** Throws where an answer breaks a law: see docs/soak.md. */
export function checkAnswer(fuzzCase: FramedCase, answer: WireAnswer): void {
  const { status, body } = answer;
  if (fuzzCase.sound && status !== 200) throw new Error(`a sound request was answered ${shown(answer)}`);
  if (status === 200) {
    if (fuzzCase.dialect !== undefined) checkVectors(fuzzCase, body);
    return;
  }
  if (fuzzCase.method === 'HEAD') {
    if (!REFUSALS.includes(status)) throw new Error(`HEAD was answered ${status}`);
    return;
  }
  if (body.length === 0 && WITHOUT_BODY.includes(status) && !answer.staysOpen) return;
  if (status === EXPECTATION_FAILED && headerOf(fuzzCase, 'expect') !== undefined) return;
  const allowed = [...REFUSALS, ...(hasDeadline(fuzzCase) ? [503, 504] : [])];
  if (!allowed.includes(status)) throw new Error(`no status for this: ${shown(answer)}`);
  checkErrorForm(fuzzCase, answer);
}

function hasDeadline(fuzzCase: FramedCase): boolean {
  return Number(headerOf(fuzzCase, 'x-request-timeout-ms') ?? 0) >= 1;
}

/** The form of its dialect; of any where the path names none. */
function checkErrorForm({ dialect }: FramedCase, answer: WireAnswer): void {
  const exchange = {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    text: answer.body.toString('utf8'),
    reusedSocket: false,
  };
  const problems: string[] = [];
  for (const api of apis) {
    if (dialect !== undefined && api.name !== dialect) continue;
    try {
      const { message, word } = refusalOf(api, exchange);
      if (typeof message === 'string' && message !== '' && typeof word === 'string') return;
      problems.push('the message is no text');
    } catch (error) {
      problems.push(String(error));
    }
  }
  throw new Error(`no error of ${dialect ?? 'any dialect'}: ${shown(answer)}; ${problems.join('; ')}`);
}

/** Reads the request's texts once more, in another way, and asks for exactly their vectors. */
function checkVectors(fuzzCase: FramedCase, answer: Buffer): void {
  const { inputs, encoding } = textsOf(fuzzCase);
  const texts = typeof inputs === 'string' ? [inputs] : inputs;
  const parsed: unknown = JSON.parse(answer.toString('utf8'));
  const vectors = vectorsIn(parsed, fuzzCase.dialect, typeof inputs === 'string', encoding);
  if (vectors.length !== texts.length) throw new Error(`${vectors.length} vectors of ${texts.length} texts`);
  for (const [index, text] of texts.entries()) {
    const exact = expectedVector(text, { model: MODEL });
    const expected = encoding === 'base64' ? exact.map(Math.fround) : exact;
    const vector = vectors[index];
    const isRight =
      Array.isArray(vector) &&
      vector.length === expected.length &&
      expected.every((value, i) => vector[i] === value);
    if (!isRight) throw new Error(`vector ${index} is not that of ${JSON.stringify(text.slice(0, 200))}`);
  }
}

function textsOf(fuzzCase: FramedCase): {
  readonly inputs: string | readonly string[];
  readonly encoding: unknown;
} {
  const coding = (headerOf(fuzzCase, 'content-encoding') ?? '').trim().toLowerCase();
  const unpack = Object.hasOwn(UNPACKERS, coding) ? UNPACKERS[coding] : undefined;
  if (!unpack) throw new Error(`vectors for a body in the encoding ${JSON.stringify(coding)}`);
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(unpack(fuzzCase.body));
  const value: unknown = JSON.parse(text);
  const field = fuzzCase.dialect === 'openai' ? 'input' : 'inputs';
  const isBare = fuzzCase.dialect === 'djl' && (typeof value === 'string' || Array.isArray(value));
  const fields = new Map(Object.entries(value as object)); // a string has entries too, they are not looked at
  const inputs = isBare ? value : fields.get(field);
  const isList = Array.isArray(inputs) && inputs.every((item) => typeof item === 'string');
  if (typeof inputs !== 'string' && !isList) throw new Error(`vectors for no texts: ${text.slice(0, 500)}`);
  // `as` holds: it is a string or a list of them.
  return {
    inputs: inputs as string | readonly string[],
    encoding: fuzzCase.dialect === 'openai' ? fields.get('encoding_format') : undefined,
  };
}

function vectorsIn(
  answer: unknown,
  dialect: FramedCase['dialect'],
  isSingle: boolean,
  encoding: unknown,
): readonly unknown[] {
  if (dialect !== 'openai') {
    if (!Array.isArray(answer)) throw new Error('the answer is no list');
    return dialect === 'djl' && isSingle ? [answer] : answer;
  }
  const { data } = answer as {
    readonly data: readonly { readonly index: number; readonly embedding: unknown }[];
  };
  return data.map(({ embedding, index }, at) => {
    if (index !== at) throw new Error(`the index ${index} stands at ${at}`);
    return encoding === 'base64' && typeof embedding === 'string' ? floatsOf(embedding) : embedding;
  });
}

function floatsOf(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
}

function shown({ status, body }: WireAnswer): string {
  return `${status} ${JSON.stringify(body.toString('utf8').slice(0, 300))}`;
}

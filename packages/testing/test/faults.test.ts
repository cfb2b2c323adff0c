import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ErrorName,
  expectedVector,
  expectedVectorJson,
  type Fault,
  type SimulatedBackend,
  startSimulatedBackend,
} from '../src/index.ts';
import { json, type RawAnswer, rawExchange } from './raw-exchange.ts';

const DJL = '/predictions/all-MiniLM-L6-v2';
const TEXTS = ['a', 'b', 'c'];
const RIGHT = TEXTS.map((text) => expectedVector(text));
const ZEROS = RIGHT[0]!.map(() => 0); // three texts, so there is a first
let backend: SimulatedBackend;
beforeAll(async () => {
  backend = await startSimulatedBackend();
});
afterAll(() => backend.close());
beforeEach(() => {
  backend.clearFaults();
  backend.resetCounters();
});

function embed(texts: readonly string[] = TEXTS, until: 'answer' | 'end' = 'answer'): Promise<RawAnswer> {
  return rawExchange(backend.port, json(DJL, { inputs: texts }), until);
}

describe('errors', () => {
  it.each<[ErrorName, number, string]>([
    ['translate-exception', 400, 'TranslateException'],
    ['engine-failure', 400, 'TranslateException'],
    ['model-not-found', 404, 'ModelNotFoundException'],
    ['throttled', 429, 'WlmCapacityException'],
    ['internal-error', 500, 'IllegalStateException'],
    ['queue-full', 503, 'WlmCapacityException'],
    ['not-ready', 503, 'WlmException'],
    ['out-of-memory', 507, 'WlmOutOfMemoryException'],
  ])('answers %s with %i and resets the connection', async (error, status, type) => {
    backend.setFault({ kind: 'error', error });
    const answer = await embed(TEXTS, 'end');
    expect([answer.status, answer.ending]).toEqual([status, 'reset']);
    expect(JSON.parse(answer.body)).toEqual({ code: status, type, message: expect.stringMatching(/./) });
    const computed = error === 'engine-failure' ? 3 : 0;
    expect(backend.counters).toMatchObject({ rejected: 1, textsComputed: computed, textsWasted: computed });
  });

  it('answers payload-too-large with nothing, and keeps the connection', async () => {
    backend.setFault({ kind: 'error', error: 'payload-too-large' });
    expect(await embed()).toMatchObject({ status: 413, body: '', ending: 'open' });
  });

  it('speaks the dialect of the request and keeps the connection elsewhere than on DJL', async () => {
    backend.setFault({ kind: 'error', error: 'queue-full' });
    const openai = await rawExchange(
      backend.port,
      json('/v1/embeddings', { model: 'all-MiniLM-L6-v2', input: 'a' }),
    );
    expect([openai.status, openai.ending]).toEqual([503, 'open']);
    expect(JSON.parse(openai.body).error.code).toBe('WlmCapacityException');
    const tei = await rawExchange(backend.port, json('/embed', { inputs: 'a' }));
    expect(JSON.parse(tei.body).error_type).toBe('Overloaded');
  });

  it('refuses everything', async () => {
    backend.setFault({ kind: 'refuse-all' });
    expect((await embed(['the best text there is'])).status).toBe(400);
  });

  it('refuses every batch with a poison text, and only those', async () => {
    backend.setFault({ kind: 'poison', marker: '☠' });
    expect((await embed(['a', 'x☠x', 'b'])).status).toBe(400);
    expect((await embed(['a', 'b'])).status).toBe(200);
    expect(backend.counters).toMatchObject({ textsComputed: 2, textsWasted: 0, rejected: 1 });
  });
});

describe('no answer', () => {
  it('resets the connection before an answer', async () => {
    backend.setFault({ kind: 'reset' });
    expect(await embed()).toMatchObject({ status: 0, ending: 'reset' });
  });

  it('hangs until the backend dies, and longer than the fault is set', async () => {
    backend.setFault({ kind: 'hang', count: 1 });
    const hanging = embed();
    await expect.poll(() => backend.counters.hung).toBe(1);
    expect((await embed()).status).toBe(200);
    backend.clearFaults();
    await backend.kill();
    expect(await hanging).toMatchObject({ status: 0, ending: 'reset' });
    await backend.revive();
  });
});

describe('spoiled vectors', () => {
  const [a, b, c] = RIGHT;
  const short = RIGHT.map((vector) => vector.slice(0, 3));
  const holed = b?.with(192, null as never); // JSON.parse gives null there, which number[] does not say
  it.each<[Fault, unknown]>([
    [{ kind: 'wrong-count', by: 1 }, [a, b, c, a]],
    [{ kind: 'wrong-count', by: -1 }, [a, b]],
    [{ kind: 'not-a-number', value: 'null', index: 1 }, [a, holed, c]],
    [{ kind: 'wrong-dimensions', dimensions: 3, which: 'all' }, short],
    [{ kind: 'wrong-dimensions', dimensions: 3, which: 'one', index: 2 }, [a, b, short[2]]],
    [{ kind: 'wrong-dimensions', dimensions: 385, which: 'one', index: 0 }, [[...(a ?? []), a?.[0]], b, c]],
    [{ kind: 'swapped', index: 0 }, [b, a, c]],
    [{ kind: 'swapped', index: 9 }, [a, c, b]],
    [{ kind: 'zero-vector', index: 1 }, [a, ZEROS, c]],
  ])('answers as %j says', async (fault, vectors) => {
    backend.setFault(fault);
    const answer = await embed();
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, vectors]);
    expect(backend.counters).toMatchObject({ answered: 1, textsComputed: 3, textsWasted: 3 });
  });

  it('writes NaN, which JSON does not have', async () => {
    backend.setFault({ kind: 'not-a-number', value: 'NaN', index: 0 });
    const { body } = await embed();
    expect(body).toContain(',NaN,');
    expect(() => JSON.parse(body)).toThrow(SyntaxError);
  });

  it('spoils base64 as well', async () => {
    backend.setFault({ kind: 'not-a-number', value: 'NaN', index: 0 });
    const asked = { model: 'all-MiniLM-L6-v2', input: ['a'], encoding_format: 'base64' };
    const { body } = await rawExchange(backend.port, json('/v1/embeddings', asked));
    const bytes = new Uint8Array(Buffer.from(JSON.parse(body).data[0].embedding, 'base64'));
    expect([...new Float32Array(bytes.buffer)].filter(Number.isNaN)).toHaveLength(1);
  });

  it('chooses the vector by chance where the fault does not', async () => {
    backend.setFault({ kind: 'zero-vector' });
    const hit = new Set<number>();
    for (let i = 0; i < 30; i += 1) {
      const vectors: number[][] = JSON.parse((await embed()).body);
      hit.add(vectors.findIndex((vector) => vector.every((value) => value === 0)));
    }
    expect([...hit].toSorted()).toEqual([0, 1, 2]);
  });

  it('cannot swap a single vector', async () => {
    backend.setFault({ kind: 'swapped' });
    expect(JSON.parse((await embed(['a'])).body)).toEqual([a]);
    expect(backend.counters.textsWasted).toBe(0);
  });
});

describe('spoiled bodies', () => {
  const whole = `[${TEXTS.map((text) => expectedVectorJson(text)).join(',')}]`;
  const half = whole.slice(0, whole.length >> 1);

  it('announces more than it sends, and ends', async () => {
    backend.setFault({ kind: 'truncated' });
    const answer = await embed(TEXTS, 'end');
    expect([answer.status, answer.headers['content-length'], answer.ending]).toEqual([
      200,
      `${whole.length}`,
      'closed',
    ]);
    expect(answer.body).toBe(half);
    expect(backend.counters.textsWasted).toBe(3);
  });

  it('cuts the JSON and announces what it sends', async () => {
    backend.setFault({ kind: 'cut-json' });
    expect(await embed()).toMatchObject({ status: 200, body: half, ending: 'open' });
  });

  it.each(['middle', 'end'] as const)('puts a foreign byte in the %s', async (at) => {
    backend.setFault({ kind: 'malformed-json', at });
    const { body } = await embed();
    const place = at === 'middle' ? whole.length >> 1 : whole.length - 1;
    expect(body).toBe(`${whole.slice(0, place)}#${whole.slice(place + 1)}`);
    backend.clearFaults();
    expect((await embed()).body).toBe(whole);
  });
});

describe('health', () => {
  async function ping(): Promise<[number, unknown]> {
    const answer = await rawExchange(backend.port, { method: 'GET', path: '/ping' });
    return [answer.status, JSON.parse(answer.body)['all-MiniLM-L6-v2'].status];
  }

  it('says Healthy while everything fails', async () => {
    backend.setFault({ kind: 'refuse-all' });
    expect(await ping()).toEqual([200, 'Healthy']);
  });

  it.each([
    ['Unhealthy', 200],
    ['PENDING', 200],
    ['FAILED', 500],
  ] as const)('says %s while everything is fine', async (status, code) => {
    backend.setFault({ kind: 'ping', status });
    expect(await ping()).toEqual([code, status]);
    expect((await rawExchange(backend.port, { method: 'GET', path: '/health' })).status).toBe(503);
    expect((await embed()).status).toBe(200);
  });

  it('says PENDING and answers 503 during a slow start, then works', async () => {
    backend.setFault({ kind: 'slow-start', forMs: 150, answer: 'not-ready' });
    expect(await ping()).toEqual([200, 'PENDING']);
    expect(JSON.parse((await embed()).body)).toMatchObject({ code: 503, type: 'WlmException' });
    await expect.poll(async () => (await embed()).status).toBe(200);
    expect(await ping()).toEqual([200, 'Healthy']);
  });
});

it('combines faults and counts the requests that they strike', async () => {
  backend.setFault([
    { kind: 'error', error: 'internal-error', count: 2 },
    { kind: 'zero-vector', index: 0, afterRequests: 3 },
  ]);
  const statuses = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await embed(['a'])).status);
  expect(statuses).toEqual([500, 500, 200, 200]);
  expect(backend.counters).toMatchObject({ requests: 4, answered: 2, rejected: 2, textsWasted: 1 });
});

it('refuses to set a fault that makes no sense', () => {
  expect(() => backend.setFault({ kind: 'hang', probability: 7 })).toThrow('probability of the fault hang');
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKEND_CLASSES, type BackendEntry } from '../backend-entry.ts';
import { PoolError } from '../errors.ts';
import { entriesOfServer } from './backend-target.ts';
import { parseBackend, parseBackendList, parseBackends, targetAtAddress } from './parse-backend-url.ts';

const settings = {
  class: 'default',
  protocol: 'djl',
  maxBatch: 256,
  concurrency: 8,
  state: 'ready',
} as const;

function entry(fields: Pick<BackendEntry, 'id' | 'url' | 'model'> & Partial<BackendEntry>) {
  return { kind: 'entry', entry: { ...settings, ...fields } };
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PoolError && error.code === 'POOL_INVALID_OPTIONS') return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('what a backend stands for', () => {
  it('reads a DJL route with every suffix', () => {
    expect(
      parseBackend(
        'http://djl:8080/predictions/m;class=gpu;maxBatch=128;concurrency=2;protocol=djl;model=minilm',
      ),
    ).toEqual(
      entry({
        id: 'djl:8080/minilm',
        url: 'http://djl:8080/predictions/m',
        model: 'minilm',
        class: 'gpu',
        maxBatch: 128,
        concurrency: 2,
      }),
    );
  });

  it.each([
    ['http://h:1/predictions/a%2Fb', 'h:1/a/b', 'http://h:1/predictions/a%2Fb', 'a/b'],
    ['http://h/predictions/m/', 'h:80/m', 'http://h/predictions/m', 'm'],
    ['https://H/predictions/m/2', 'h:443/m', 'https://h/predictions/m/2', 'm'],
    ['https://h:443/proxy/predictions/m', 'h:443/m', 'https://h/proxy/predictions/m', 'm'],
    ['http://[::1]:8080/predictions/m', '[::1]:8080/m', 'http://[::1]:8080/predictions/m', 'm'],
    ['http://0x7f.1:8080/predictions/m', '127.0.0.1:8080/m', 'http://127.0.0.1:8080/predictions/m', 'm'],
    ['http://h:1/invocations;model=m', 'h:1/m', 'http://h:1/invocations?model_name=m', 'm'],
    ['http://h:1;model=a%2Cb%3B%25', 'h:1/a,b;%', 'http://h:1/predictions/a%2Cb%3B%25', 'a,b;%'],
    ['http://h:1 ; model = m', 'h:1/m', 'http://h:1/predictions/m', 'm'],
  ])('reads %s', (text, id, url, model) => {
    expect(parseBackend(text)).toEqual(entry({ id, url, model }));
  });

  it.each([
    ['http://h:1;protocol=openai;model=org/m', 'http://h:1/v1', 'openai'],
    ['http://h:1/v1/;protocol=openai;model=org/m', 'http://h:1/v1', 'openai'],
    ['http://h:1/api/v3;protocol=openai;model=org/m', 'http://h:1/api/v3', 'openai'],
    ['http://h:1;protocol=tei;model=org/m', 'http://h:1', 'tei'],
    ['http://h:1/tei/;protocol=tei;model=org/m', 'http://h:1/tei', 'tei'],
  ] as const)('reads %s', (text, url, protocol) => {
    expect(parseBackend(text)).toEqual(entry({ id: 'h:1/org/m', url, model: 'org/m', protocol }));
  });

  it.each([
    ['http://h:1', 'http://h:1', 'djl'],
    ['http://h:1/', 'http://h:1', 'djl'],
    ['http://h:1;protocol=openai', 'http://h:1/v1', 'openai'],
    ['http://h:1;protocol=tei', 'http://h:1', 'tei'],
  ] as const)('has the server asked for its models for %s', (text, url, protocol) => {
    expect(parseBackend(text)).toEqual({ kind: 'expand', server: { ...settings, url, protocol } });
  });

  it('reads an object, with suffixes in its URL or fields of its own', () => {
    const url = 'http://h:1/predictions/m';
    expect(parseBackend({ url: `${url};class=gpu`, id: 'one', maxBatch: 4096, concurrency: 64 })).toEqual(
      entry({ id: 'one', url, model: 'm', class: 'gpu', maxBatch: 4096, concurrency: 64 }),
    );
  });

  it('reads a name to look up, and puts addresses into it', () => {
    const target = parseBackend('dns+http://tasks.djl:8080/predictions/m;class=cpu');
    if (target.kind !== 'dns') throw new Error(`it is ${target.kind}`);
    expect(target.name).toEqual({
      ...settings,
      class: 'cpu',
      host: 'tasks.djl',
      url: 'http://tasks.djl:8080/predictions/m',
    });
    expect(targetAtAddress(target.name, '10.0.0.7')).toEqual(
      entry({ id: '10.0.0.7:8080/m', url: 'http://10.0.0.7:8080/predictions/m', model: 'm', class: 'cpu' }),
    );
    expect(targetAtAddress(target.name, 'fd00::7')).toEqual(
      entry({ id: '[fd00::7]:8080/m', url: 'http://[fd00::7]:8080/predictions/m', model: 'm', class: 'cpu' }),
    );
  });

  it('is the same after it was written down and read again', () => {
    const spec = fc.record({
      host: fc.oneof(
        fc.domain(),
        fc.ipV4(),
        fc.ipV6().map((address) => `[${address}]`),
      ),
      port: fc.integer({ min: 1, max: 65_535 }),
      model: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter(isModelName),
      class: fc.constantFrom(...BACKEND_CLASSES),
      protocol: fc.constantFrom('djl', 'openai', 'tei'),
      maxBatch: fc.integer({ min: 1, max: 4096 }),
      concurrency: fc.integer({ min: 1, max: 64 }),
    });
    fc.assert(
      fc.property(spec, (given) => {
        const first = parseBackend(
          `http://${given.host}:${given.port};model=${encodeURIComponent(given.model)};class=${given.class}` +
            `;protocol=${given.protocol};maxBatch=${given.maxBatch};concurrency=${given.concurrency}`,
        );
        if (first.kind !== 'entry') throw new Error(`it is ${first.kind}`);
        const { id, state, ...fields } = first.entry;
        expect({ ...fields, id, state }).toMatchObject({
          model: given.model,
          class: given.class,
          protocol: given.protocol,
          maxBatch: given.maxBatch,
          concurrency: given.concurrency,
        });
        const again = Object.entries(fields).filter(([name]) => name !== 'url' && name !== 'model');
        const suffixes = again.map(([name, value]) => `;${name}=${value}`).join('');
        const rendered = `${fields.url};model=${encodeURIComponent(fields.model)}${suffixes}`;
        expect(parseBackendList(rendered)).toEqual([first]);
      }),
      { seed: 11 },
    );
  });
});

describe('the backends of a server', () => {
  const server = { ...settings, url: 'http://h:1', id: 'replica-3' };

  it('have the id that was given while there is one model, else with the model', () => {
    expect(entriesOfServer(server, ['m']).map(({ id }) => id)).toEqual(['replica-3']);
    expect(entriesOfServer(server, ['m', 'n']).map(({ id }) => id)).toEqual(['replica-3/m', 'replica-3/n']);
  });

  it('have routes by DJL and the base by the others', () => {
    const { id: _, ...unnamed } = server;
    expect(entriesOfServer(unnamed, ['a/b'])).toEqual([
      entry({ id: 'h:1/a/b', url: 'http://h:1/predictions/a%2Fb', model: 'a/b' }).entry,
    ]);
    expect(entriesOfServer({ ...unnamed, protocol: 'tei' }, ['a/b'])[0]?.url).toBe('http://h:1');
  });
});

describe('a list', () => {
  it('is read in its order, blanks and empty places ignored', () => {
    const targets = parseBackendList(' http://a:1/predictions/m ,\n http://b:1/predictions/m, ');
    expect(targets.map((target) => target.kind === 'entry' && target.entry.id)).toEqual(['a:1/m', 'b:1/m']);
    expect(parseBackendList('')).toEqual([]);
  });

  it.each([
    ['http://a:1/predictions/m,http://A:1/predictions/m/', 'a:1/m'],
    ['http://a/predictions/m,http://b:1;model=x,http://a:80/predictions/m/2', 'a:80/m'],
    ['http://a:1,http://a:1/;class=gpu', 'http://a:1'],
    ['dns+http://a:1,dns+http://a:1/', 'dns+http://a:1/'],
  ])('has nothing twice: %s', (text, id) => {
    const message = messageOf(() => parseBackendList(text));
    expect(message).toContain('it is the same as backend 1');
    expect(message).toContain(id);
  });

  it('may have the same server under ids of their own', () => {
    const url = 'http://a:1/predictions/m';
    expect(
      parseBackends([
        { url, id: 'x' },
        { url, id: 'y' },
      ]),
    ).toHaveLength(2);
    expect(
      messageOf(() =>
        parseBackends([
          { url, id: 'x' },
          { url: 'http://b:1', id: 'x' },
        ]),
      ),
    ).toContain('both are x');
  });
});

describe('an error', () => {
  it('names the place, the text, what is wrong and what is allowed', () => {
    expect(messageOf(() => parseBackendList('http://a:1/predictions/m,http://b:1;class=tpu'))).toBe(
      'backend 2 ("http://b:1;class=tpu"): class must be one of gpu, large, cpu, small, default, got "tpu"',
    );
  });

  it.each([
    ['djl:8080/predictions/m', 'http://, https://'],
    ['/predictions/m', 'not a URL'],
    ['ftp://h/predictions/m', 'ftp://'],
    ['dns+ftp://h/predictions/m', 'ftp://'],
    ['http://:8080', 'not a URL'],
    ['http://h:0/predictions/m', 'port 0'],
    ['http://h:1/predictions/m?data=x', 'query'],
    ['http://h:1/predictions/m#x', 'fragment'],
    ['http://h:1/predict/m', '/predictions/{model}'],
    ['http://h:1/predictions/', '/predictions/{model}'],
    ['http://h:1/predictions/%ff', 'percent-encoded'],
    ['http://h:1;model=%', 'percent-encoded'],
    ['http://h:1;model=', 'model must be 1 to 256 characters'],
    ['http://h:1/invocations', ';model=NAME'],
    ['http://h:1/v1/embeddings;protocol=openai', 'give the base URL, http://h:1/v1;'],
    ['http://h:1/embed;protocol=tei', 'give the base URL, http://h:1;'],
    ['http://h:1;weight=3', ';class=, ;maxBatch=, ;concurrency=, ;protocol=, ;model='],
    ['http://h:1;gpu', ';class='],
    ['http://h:1;class=gpu;class=cpu', 'class is given twice'],
    ['http://h:1;protocol=grpc', 'djl, openai, tei'],
    ['http://h:1;maxBatch=0', 'maxBatch must be a whole number from 1 to 4096, got 0'],
    ['http://h:1;maxBatch=4097', 'got 4097'],
    ['http://h:1;maxBatch=1e3', 'got "1e3"'],
    ['http://h:1;maxBatch=-1', 'got "-1"'],
    ['http://h:1;concurrency=65', 'concurrency must be a whole number from 1 to 64, got 65'],
    [{ url: 'http://h:1', concurrency: 1.5 }, 'got 1.5'],
    [{ url: 'http://h:1', clas: 'gpu' }, 'there is no clas, allowed are url, id, class'],
    [{ url: 'http://h:1;class=gpu', class: 'cpu' }, 'class is given twice'],
    [{ url: 'dns+http://h:1', id: 'x' }, 'cannot have one id'],
    [{ url: 'dns+http://h:1/predict' }, '/predictions/{model}'],
    [{ url: 'http://h:1', id: '' }, 'id must be'],
    [{ url: 'http://h:1', id: 'a\nb' }, 'control characters'],
    [{}, 'url must be a URL in a string, got nothing'],
    [7, 'must be a URL or an object'],
    [null, 'must be a URL or an object'],
  ])('is what %j gives', (input, problem) => {
    const message = messageOf(() => parseBackends([input]));
    expect(message).toMatch(/^backend 1 \(/);
    expect(message).toContain(problem);
  });

  it.each([
    'http://user:hunter2@h:1',
    'http://h;x:hunter2@h:1',
    'http://u:/hunter2@h:1',
    'http://hunter2@h:1;q=1',
  ])('never repeats credentials: %s', (text) => {
    expect(messageOf(() => parseBackend(text))).not.toContain('hunter2');
    expect(messageOf(() => parseBackend({ url: text }))).not.toContain('hunter2');
  });
});

function isModelName(text: string): boolean {
  return text.trim() !== '' && text === text.trim() && text.isWellFormed() && /^\P{Cc}+$/u.test(text);
}

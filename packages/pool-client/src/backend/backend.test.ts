import { ManualClock } from '@forebay/testing';
import { describe, expect, it } from 'vitest';
import type { BackendEntry } from '../backend-entry.ts';
import { longCanary, shortCanaries } from '../identity/canary-texts.ts';
import { controlText } from '../protocol/control-text.ts';
import { djl } from '../protocol/djl.ts';
import type { WireResponse } from '../protocol/protocol.ts';
import { TransportError, type TransportRequest } from '../wire/transport.ts';
import { Backend } from './backend.ts';
import type { SendResult } from './exchange.ts';

type Answer = (request: TransportRequest) => Promise<WireResponse>;

const ENTRY: BackendEntry = {
  id: 'one',
  url: 'http://one:8080/predictions/m',
  model: 'm',
  class: 'gpu',
  protocol: 'djl',
  maxBatch: 256,
  concurrency: 8,
  state: 'ready',
};

const textsIn = ({ body = '' }: TransportRequest): string[] => JSON.parse(body).inputs;

const json = (status: number, value: unknown): WireResponse => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify(value)),
});

const well: Answer = async (request) =>
  json(
    200,
    textsIn(request).map(() => [0.6, 0.8]),
  );
const refuses: Answer = async () => json(400, { code: 400, type: 'TranslateException', message: 'bad' });
const busy: Answer = async () => json(503, { code: 503, type: 'WlmCapacityException', message: 'full' });
const broken: Answer = () => Promise.reject(new TransportError('broken', 'reset'));

function backendWith(answer: Answer, entry: Partial<BackendEntry> = {}) {
  const clock = new ManualClock(1_000);
  const requests: TransportRequest[] = [];
  const changes: string[] = [];
  const state = { answer, closed: 0 };
  const backend = new Backend(
    { ...ENTRY, ...entry },
    {
      clock,
      transport: {
        send: (request) => {
          requests.push(request);
          return state.answer(request);
        },
        close: async () => {
          state.closed += 1;
        },
      },
      protocol: djl,
      batchTimeoutMs: 100,
      random: () => 0.5,
      others: () => ({ othersServing: 1, othersFailureShare: 0 }),
      examine: async (examined) => {
        const fingerprint = await examined.takeFingerprint();
        if (fingerprint) examined.admit(fingerprint);
      },
      verify: 'fast',
      onRoom: () => undefined,
      onChange: (changed, reason) => changes.push(`${changed.state}: ${reason}`),
    },
  );
  return { backend, clock, requests, changes, state };
}

const texts = (count: number) => Array.from({ length: count }, (_, i) => `text ${i}`);

/** Sends one batch. */
const send = (backend: Backend, batch: readonly string[], workWaits?: () => boolean) =>
  backend.send(batch, Math.max(...batch.map(({ length }) => length)), workWaits);

describe('Backend', () => {
  it('is let in when it has embedded the canary texts, the long one by itself', async () => {
    const { backend, requests, changes } = backendWith(well);
    expect([backend.state, backend.standing.proven, backend.dimensions]).toEqual([
      'starting',
      false,
      undefined,
    ]);
    expect(await backend.probe()).toBe(true);
    expect([backend.state, backend.standing.proven, backend.dimensions]).toEqual(['serving', true, 2]);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(2).fill('POST /predictions/m'),
    );
    expect(requests.map(textsIn)).toEqual([shortCanaries, [longCanary]]);
    expect(changes).toEqual(['serving: it has embedded the canary texts']);
    await backend.close();
  });

  it('asks no more of it at once than its entry allows', async () => {
    const { backend, requests } = backendWith(well, { maxBatch: 3 });
    await backend.probe();
    expect(requests.map((request) => textsIn(request).length)).toEqual([3, 3, 1, 1]);
    await backend.close();
  });

  it('is let in though it refuses texts that are too long for it', async () => {
    const { backend } = backendWith((request) =>
      textsIn(request).includes(longCanary) ? refuses(request) : well(request),
    );
    expect(await backend.probe()).toBe(true);
    await backend.close();
  });

  it('is asked by one known text once it is in, and must embed it as before', async () => {
    const { backend, requests, state } = backendWith(well);
    await backend.probe();
    expect([await backend.probe(), backend.standing.changedItself]).toEqual([true, false]);
    expect(requests.slice(2).map(textsIn)).toEqual([[controlText]]);
    state.answer = async () => json(200, [[0.8, -0.6]]);
    expect([await backend.probe(), backend.standing.changedItself]).toEqual([false, true]);
    expect(backend.standing.lastProblem).toBe('it embeds the control text otherwise than when it was let in');
    await backend.close();
  });

  it('is of no use while it is turned away, whatever it answers', async () => {
    const { backend, changes } = backendWith(well);
    await backend.probe();
    backend.standing.refuse('embeds unlike others');
    backend.standing.refuse('embeds unlike others');
    expect(await send(backend, texts(2))).toMatchObject({
      kind: 'failed',
      reason: 'misconfigured',
      message: 'its vectors are not used: embeds unlike others',
    });
    expect(changes.slice(1)).toEqual(['refused: embeds unlike others']);
    await backend.close();
  });

  it('gets at most 8 chunks first, then twice as many with each full batch, up to what its class may have', async () => {
    const { backend } = backendWith(well);
    const limits: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { batchLimit } = backend.view();
      limits.push(batchLimit);
      await send(backend, texts(batchLimit));
      // One that is not full teaches nothing about larger ones.
      await send(backend, texts(1));
    }
    expect(limits).toEqual([8, 16, 32, 64, 64]);
    await backend.close();
  });

  it('keeps to the batch size of its entry, also when that shrinks', async () => {
    const { backend } = backendWith(well, { maxBatch: 10 });
    await send(backend, texts(8));
    expect(backend.view().batchLimit).toBe(10);
    backend.update({ ...ENTRY, maxBatch: 3 });
    expect(backend.view().batchLimit).toBe(3);
    await backend.close();
  });

  it('is tried with four texts of its own, as long as those it gets', async () => {
    const { backend, clock, requests, state } = backendWith(well);
    const answersAfter = (ms: number) => async (request: TransportRequest) => {
      await clock.advance(ms);
      return well(request);
    };
    state.answer = answersAfter(10);
    for (let i = 0; i < 50; i += 1) await send(backend, ['x'.repeat(1_000)]);
    const before = backend.learned.residual;
    state.answer = answersAfter(60);
    await backend.trial();
    const [last] = requests.slice(-1).map(textsIn);
    expect(last).toHaveLength(4);
    expect(last?.every((text) => text.startsWith(controlText) && text.length > 900)).toBe(true);
    expect(backend.learned.residual).not.toBe(before);
    expect(backend.inFlightChunks).toBe(0);
    await backend.close();
  });

  it('holds less at once after it said that a batch was too large, and more again with each good one', async () => {
    const { backend, state } = backendWith(well);
    for (const size of [8, 16, 32]) await send(backend, texts(size));
    state.answer = async () => json(413, {});
    await send(backend, texts(32));
    expect(backend.view().batchLimit).toBe(16);
    state.answer = well;
    await send(backend, texts(16));
    expect(backend.view().batchLimit).toBe(17);
    await backend.close();
  });

  it('counts what is in flight until it is answered', async () => {
    const { backend, state } = backendWith(well);
    await backend.probe();
    let answer: () => void = () => undefined;
    state.answer = (request) =>
      new Promise((resolve) => {
        answer = () => resolve(well(request));
      });
    const sent = send(backend, texts(5));
    expect(backend.view()).toMatchObject({ inFlightBatches: 1, inFlightChunks: 5 });
    // Half of a chunk's 0.22 ms goes with its length: 200 characters are usual, these texts have 6.
    expect(backend.view().freeMs).toBeCloseTo(6 + 5 * (0.11 + (0.11 * 6) / 200));
    answer();
    await sent;
    expect(backend.view()).toMatchObject({ inFlightBatches: 0, inFlightChunks: 0, freeMs: 0 });
    await backend.close();
  });

  it('gives a batch up when its time is over', async () => {
    const { backend, clock } = backendWith(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new TransportError('aborted', 'given up')));
        }),
    );
    const sent = send(backend, texts(2));
    await clock.advance(100);
    expect(await sent).toEqual({
      kind: 'failed',
      reason: 'timeout',
      message: 'no answer within 100 ms',
      retryAfterMs: undefined,
      notUp: false,
      durationMs: 100,
    });
    expect(clock.pendingSleeps).toBe(0);
    await backend.close();
  });

  it.each<[string, Answer, string, string]>([
    ['a broken connection', broken, 'connection', 'reset'],
    [
      'a refused one',
      () => Promise.reject(new TransportError('connect', 'refused')),
      'connection',
      'refused',
    ],
    [
      'an endless answer',
      () => Promise.reject(new TransportError('too-large', 'endless')),
      'bad-answer',
      'endless',
    ],
    ['a refused input', refuses, 'input', 'HTTP 400: bad'],
    ['a full queue', busy, 'overloaded', 'HTTP 503: full'],
    ['too few vectors', async () => json(200, [[0.6, 0.8]]), 'bad-answer', 'expected 2 vectors, got 1'],
    ['a fault of the transport itself', () => Promise.reject(new TypeError('oops')), 'bad-answer', 'oops'],
  ])('says what became of a batch: %s', async (_fact, answer, reason, message) => {
    const { backend, clock } = backendWith(answer);
    expect(await send(backend, texts(2))).toMatchObject({ kind: 'failed', reason });
    expect(backend.standing.lastProblem?.toLowerCase()).toContain(message.toLowerCase());
    expect(backend.inFlightChunks).toBe(0);
    await backend.close();
    expect(clock.pendingSleeps).toBe(0);
  });

  it('is ejected for failures once it is proven, not before', async () => {
    const { backend, state } = backendWith(broken);
    for (let i = 0; i < 10; i += 1) await send(backend, texts(1));
    expect(backend.state).toBe('probing');
    state.answer = well;
    await backend.probe();
    state.answer = broken;
    for (let i = 0; i < 3; i += 1) await send(backend, texts(1));
    expect(backend.state).toBe('ejected');
    await backend.close();
  });

  it.each<[string, Answer]>([
    ['bad texts', refuses],
    ['a full queue', busy],
  ])('is neither blamed nor praised for %s', async (_fact, answer) => {
    const { backend, state } = backendWith(well);
    await backend.probe();
    state.answer = answer;
    for (let i = 0; i < 20; i += 1) await send(backend, texts(1));
    expect(backend.state).toBe('serving');
    state.answer = broken;
    for (let i = 0; i < 3; i += 1) await send(backend, texts(1));
    expect(backend.state).toBe('ejected');
    state.answer = answer;
    await send(backend, texts(1));
    expect(backend.state).toBe('ejected');
    state.answer = well;
    await send(backend, texts(1));
    expect(backend.state).toBe('serving');
    await backend.close();
  });

  it('is blamed for a batch that it refused where it refuses harmless texts too', async () => {
    const { backend, state } = backendWith(well);
    await backend.probe();
    state.answer = refuses;
    for (let i = 0; i < 4; i += 1) backend.standing.blame();
    expect(backend.state).toBe('ejected');
    await backend.close();
  });

  it('reads every vector of a backend that is not in service', async () => {
    // The second vector is broken where only a whole look sees it.
    const half = { ...json(200, []), body: Buffer.from('[[0.6,0.8],[0.6,0#8]]') };
    const { backend } = backendWith(async () => half);
    // Of one that was never in service no vector is believed beside a bad one.
    expect(await send(backend, texts(2))).toMatchObject({ kind: 'failed', reason: 'misconfigured' });
    await backend.close();
  });

  it('keeps the right vectors beside a bad one', async () => {
    const { backend, state } = backendWith(well);
    await backend.probe();
    state.answer = async () =>
      json(200, [
        [0.6, 0.8],
        [0, 0],
        [0.8, 0.6],
      ]);
    const { kind, vectors } = (await send(backend, texts(3))) as SendResult & { kind: 'spoiled' };
    expect([kind, vectors.map((vector) => vector !== undefined)]).toEqual(['spoiled', [true, false, true]]);
    await backend.close();
  });

  it('ends what is under way as aborted when it is closed, once', async () => {
    const { backend, state } = backendWith(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new TransportError('aborted', 'given up')));
        }),
    );
    const sent = send(backend, texts(1));
    await Promise.all([backend.close(), backend.close()]);
    expect(await sent).toMatchObject({ kind: 'failed', reason: 'aborted' });
    expect(state.closed).toBe(1);
    state.answer = () => Promise.reject(new TransportError('connect', 'destroyed'));
    expect(await send(backend, texts(1))).toMatchObject({ kind: 'failed', reason: 'aborted' });
  });

  it('says its state in the words of its source and its operator', async () => {
    const { backend, changes } = backendWith(well);
    await backend.probe();
    backend.update({ ...ENTRY, state: 'draining' });
    backend.update({ ...ENTRY, state: 'ready' });
    backend.standing.setDraining(true, 'drained by an operator');
    backend.standing.setDraining(true, 'again');
    backend.standing.setDraining(false, 'resumed by an operator');
    expect(changes.slice(1)).toEqual([
      'draining: its source lists it as draining',
      'serving: its source lists it as ready',
      'draining: drained by an operator',
      'serving: resumed by an operator',
    ]);
    await backend.close();
  });
});

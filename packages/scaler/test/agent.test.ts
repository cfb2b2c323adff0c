import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startMetadataStub } from '../src/aws/metadata-stub.test-support.ts';
import { startCannedServer } from '../src/signals/canned-server.test-support.ts';
import { NOW_MS, startApi } from './api-under-test.ts';
import { eventually } from './scaler-site.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The agent as a program of its own, with no more environment than this. */
function spawnAgent(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [MAIN, 'agent', ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part));
  return {
    said: () => text,
    // as node says it
    ended: once(child, 'close').then(([code]) => code as number | null),
    stop: () => void child.kill('SIGTERM'),
  };
}

/** A model server that answers `/ping` as `status` says. */
async function modelServer() {
  const answer = { status: 200 };
  const server = await startCannedServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end('{"status":"Healthy"}');
  });
  return { server, answer, probe: `${server.url}/ping` };
}

const access = { hostsToken: 'inn', adminKey: 'chief' };

describe.concurrent('forebay-scaler agent', { timeout: 60_000 }, () => {
  it('tells over sockets that its host is ready, then unhealthy, then taken away by AWS, by the id of its instance', async () => {
    await using api = await startApi({ access });
    await using stub = await startMetadataStub({ 'instance-id': 'i-7' });
    const { server, answer, probe } = await modelServer();
    await using _ = server;
    const dir = await mkdtemp(join(tmpdir(), 'forebay-agent-'));
    await writeFile(join(dir, 'token'), 'inn\n');
    const kinds = () => api.store.reports(0).map(({ about, kind }) => `${about} ${kind}`);
    const agent = spawnAgent(
      [
        '--scaler',
        api.origin,
        '--probe',
        probe,
        '--interval',
        '0.1',
        '--token-file',
        join(dir, 'token'),
        '--on-stop',
        'leaving',
      ],
      { AWS_EC2_METADATA_SERVICE_ENDPOINT: stub.url },
    );
    await eventually(kinds, (seen) => seen.includes('i-7 ready'));
    answer.status = 500;
    await eventually(kinds, (seen) => seen.includes('i-7 unhealthy'));
    stub.values.set('spot/instance-action', `{"action": "terminate", "time": "${inTwoMinutes()}"}`);
    await eventually(kinds, (seen) => seen.includes('i-7 leaving'));
    const [leaving] = api.store.reports(0).filter(({ kind }) => kind === 'leaving');
    const deadlineMs = leaving?.kind === 'leaving' ? (leaving.deadlineMs ?? 0) : 0;
    expect(deadlineMs - NOW_MS).toBeGreaterThan(100_000);
    expect(deadlineMs - NOW_MS).toBeLessThanOrEqual(120_000);
    expect(api.wakes()).toBeGreaterThanOrEqual(3);
    agent.stop();
    expect(await agent.ended).toBe(0);
    const last = api.store.reports(0).find(({ kind }) => kind === 'leaving');
    expect(last).toMatchObject({ because: 'the host is shutting down', deadlineMs: NOW_MS });
    await rm(dir, { recursive: true });
  });

  it('goes to the next of its scalers where one is away, and says nothing when it is told to end', async () => {
    await using api = await startApi({ access });
    const { server, probe } = await modelServer();
    await using _ = server;
    const agent = spawnAgent(
      [
        '--scaler',
        `http://127.0.0.1:9,${api.origin}`,
        '--probe',
        probe,
        '--id',
        'cpu-1',
        '--no-metadata',
        '--interval',
        '0.1',
      ],
      { HOSTS_TOKEN: 'inn' },
    );
    await eventually(
      () => api.store.reports(0).map(({ kind }) => kind),
      (seen) => seen.includes('ready'),
    );
    agent.stop();
    expect(await agent.ended).toBe(0);
    expect(api.store.reports(0).map(({ kind }) => kind)).toEqual(['ready']);
    expect(agent.said()).toContain('the scaler does not know this host yet');
  });

  it('tries on without a token in its file, and ends all the same when it is told to', async () => {
    await using api = await startApi({ access });
    const { server, probe } = await modelServer();
    await using _ = server;
    const args = ['--scaler', api.origin, '--probe', probe, '--id', 'cpu-1', '--no-metadata'];
    const agent = spawnAgent([...args, '--token-file', '/dev/null']);
    await eventually(agent.said, (said) => said.includes('/dev/null holds no token'));
    agent.stop();
    expect([await agent.ended, api.store.reports(0)]).toEqual([0, []]);
  });

  it('ends with 2 and one line where its arguments make no sense', async () => {
    const agent = spawnAgent(['--scaler', 'nowhere']);
    expect(await agent.ended).toBe(2);
    expect(agent.said()).toBe(
      'forebay-scaler agent: --scaler must be a URL like http://host:8090, without a user or password, got nowhere\nTry forebay-scaler agent --help\n',
    );
  });
});

function inTwoMinutes(): string {
  return new Date(Date.now() + 120_000).toISOString();
}

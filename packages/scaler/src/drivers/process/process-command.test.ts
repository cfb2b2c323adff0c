import { expect, it } from 'vitest';
import { childEnvironment } from './child-environment.ts';
import { saysHealthy } from './ping.ts';
import { fillIn, localBackendCommand } from './process-command.ts';

it.each([
  { cpus: 8, maxReplicas: 4, own: undefined, workers: '2' },
  { cpus: 2, maxReplicas: 10, own: undefined, workers: '1' },
  { cpus: 4, maxReplicas: 0, own: undefined, workers: '4' },
  { cpus: 8, maxReplicas: 4, own: '3', workers: '3' },
])(
  'gives each of $maxReplicas local backends on $cpus cores $workers workers',
  ({ workers, own, ...given }) => {
    const inherited = { MAX_WORKERS: own };
    const command = localBackendCommand({ ...given, inherited, node: '/node', program: '/main.ts' });
    expect(command).toEqual({
      program: '/node',
      args: ['/main.ts'],
      env: { MAX_WORKERS: workers, STOP_TIMEOUT_MS: '5000' },
      path: '/predictions/all-MiniLM-L6-v2',
      healthPath: '/ping',
      stopTimeoutMs: 5_000,
    });
  },
);

it('passes on what is neither a secret nor a setting of the scaler', () => {
  const inherited = {
    PATH: '/bin',
    HF_ENDPOINT: 'http://hub',
    HOST: '0.0.0.0',
    PORT: '8080',
    SCALER_STATE: 'x',
    FOREBAY_ADMIN_KEY: 'k',
    BACKENDS_TOKEN: 't',
    HOSTS_TOKEN: 't',
    AWS_SECRET_ACCESS_KEY: 's',
    FOREBAY_REPLICA_ID: 'mine',
  };
  const layers = [{ PATH: '/usr/bin' }, { PORT: '4000' }];
  expect(childEnvironment(inherited, layers)).toEqual({
    PATH: '/usr/bin',
    HF_ENDPOINT: 'http://hub',
    PORT: '4000',
  });
});

it('puts port and id where they are asked for', () => {
  expect(fillIn('--at={port}/{id}/{port}', { port: 4000, id: 'a' })).toBe('--at=4000/a/4000');
});

it.each([
  { body: '{"m": {"status": "Healthy"}}', healthy: true },
  { body: '{"m": {"status": "PENDING"}}', healthy: false },
  { body: '{"m": {"status": "Healthy"}, "n": {"status": "Failed"}}', healthy: false },
  { body: '{"status": "Healthy"}', healthy: true },
  { body: '{}', healthy: true },
  { body: 'OK', healthy: true },
  { body: '[1, null]', healthy: true },
])('takes $body for healthy: $healthy', ({ body, healthy }) => {
  expect(saysHealthy(body)).toBe(healthy);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type CannedServer, startCannedServer } from '../signals/canned-server.test-support.ts';
import { type AutoScalingApi, openAutoScalingApi } from './auto-scaling-api.ts';

let server: CannedServer;
let api: AutoScalingApi;
/** Why AWS refuses. */
let message = '';

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  server = await startCannedServer((_request, response) => {
    const error = `<Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error>`;
    response
      .writeHead(400, { 'content-type': 'text/xml' })
      .end(`<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`);
  });
  api = openAutoScalingApi({ endpoint: server.url, region: 'eu-west-1' });
});

afterEach(async () => {
  await api.close();
  await server[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

const end = () => api.terminate('i-1', { decrement: true }, AbortSignal.timeout(10_000));

it.each([
  'Instance Id not found - No managed instance found for instance ID i-1',
  'The instance i-1 is not part of Auto Scaling group small.',
  'Instance i-1 is already terminating.',
])('takes an instance for gone of which AWS says: %s', async (text) => {
  message = text;
  expect(await end()).toBe('gone');
});

it('fails where the group’s MinSize forbids it', async () => {
  message =
    'Currently, desiredSize equals minSize (1). Terminating instance without replacement will violate group&apos;s min size constraint.';
  await expect(end()).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    retryable: false,
    message: expect.stringContaining('ending instance i-1: ValidationError: Currently, desiredSize equals'),
  });
});

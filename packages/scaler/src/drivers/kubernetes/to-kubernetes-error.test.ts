import { expect, it } from 'vitest';
import { toKubernetesError } from './to-kubernetes-error.ts';

it.each([
  [429, 'slow down', 'SCALER_DRIVER_THROTTLED', true],
  [403, 'pods "a" is forbidden: exceeded quota: q', 'SCALER_DRIVER_CAPACITY', true],
  [403, 'deployments.apps is forbidden: User "x" cannot patch', 'SCALER_DRIVER_FAILED', false],
  [401, 'Unauthorized', 'SCALER_DRIVER_FAILED', true],
  [409, 'the object has been modified', 'SCALER_DRIVER_FAILED', true],
  [422, 'Invalid value: -1', 'SCALER_DRIVER_FAILED', false],
  [503, 'apiserver is shutting down', 'SCALER_DRIVER_FAILED', true],
])('makes of %i %s a %s', (status, message, code, retryable) => {
  const error = toKubernetesError({ status, body: { kind: 'Status', message } }, 'scaling d');
  expect(error).toMatchObject({ code, retryable });
  expect(error.message).toContain(`Kubernetes: scaling d: ${status} ${message}`);
});

it('quotes the beginning of what is no Status', () => {
  const { message } = toKubernetesError({ status: 502, body: 'x'.repeat(1_000) }, 'listing');
  expect(message).toBe(`Kubernetes: listing: 502 ${'x'.repeat(200)}`);
});

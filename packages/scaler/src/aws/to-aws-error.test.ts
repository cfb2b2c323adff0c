import { expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import { toAwsError } from './to-aws-error.ts';

const live = new AbortController().signal;

function awsError(name: string, httpStatusCode?: number): Error {
  const error = new Error('refused');
  error.name = name;
  return Object.assign(error, httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } });
}

it.each([
  ['ThrottlingException', 400, 'SCALER_DRIVER_THROTTLED', true],
  ['RequestLimitExceeded', 503, 'SCALER_DRIVER_THROTTLED', true],
  ['AnythingAtAll', 429, 'SCALER_DRIVER_THROTTLED', true],
  ['InsufficientInstanceCapacity', 500, 'SCALER_DRIVER_CAPACITY', true],
  ['MaxSpotInstanceCountExceeded', 400, 'SCALER_DRIVER_CAPACITY', true],
  ['VcpuLimitExceeded', 400, 'SCALER_DRIVER_CAPACITY', true],
  ['ReservationCapacityExceeded', 400, 'SCALER_DRIVER_CAPACITY', true],
  ['InternalError', 500, 'SCALER_DRIVER_FAILED', true],
  ['UnauthorizedOperation', 403, 'SCALER_DRIVER_FAILED', false],
  ['TimeoutError', undefined, 'SCALER_DRIVER_FAILED', true],
])('takes %s with status %s for %s', (name, status, code, retryable) => {
  const error = toAwsError(awsError(name, status), 'starting host "a"', live);
  expect({ code: error.code, retryable: error.retryable, message: error.message }).toEqual({
    code,
    retryable,
    message: `starting host "a": ${name}: refused`,
  });
});

it('says that the call was given up, and lets what is typed pass', () => {
  const given = new ScalerError('SCALER_DRIVER_CAPACITY', 'full');
  expect(toAwsError(given, 'x', live)).toBe(given);
  const aborted = AbortSignal.abort(new Error('no answer within 10 s'));
  expect(toAwsError(awsError('AbortError'), 'listing tasks', aborted)).toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    retryable: true,
    message: 'listing tasks: no answer within 10 s',
  });
});

import { expect, it } from 'vitest';
import { ScalerError } from '../errors.ts';
import { toDriverError } from './to-driver-error.ts';

const live = new AbortController().signal;
const known = new ScalerError('SCALER_DRIVER_THROTTLED', 'slow down', { retryable: true });

it.each([
  { error: known, signal: live, code: 'SCALER_DRIVER_THROTTLED', retryable: true, message: 'slow down' },
  {
    error: Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' }),
    signal: live,
    code: 'SCALER_DRIVER_CAPACITY',
    retryable: true,
    message: 'launching: spawn EAGAIN',
  },
  {
    error: new Error('spawn ENOENT'),
    signal: live,
    code: 'SCALER_DRIVER_FAILED',
    retryable: false,
    message: 'launching: spawn ENOENT',
  },
  {
    error: new Error('aborted'),
    signal: AbortSignal.abort(new Error('5 s are over')),
    code: 'SCALER_DRIVER_FAILED',
    retryable: true,
    message: 'launching: given up, 5 s are over',
  },
])('says $message', ({ error, signal, ...expected }) => {
  expect(toDriverError(error, 'launching', signal)).toMatchObject(expected);
});

import { ScalerError, type ScalerErrorCode } from '../errors.ts';

/** Names that AWS gives to "too many calls", which differ by service. */
const THROTTLED: ReadonlySet<string> = new Set([
  'EC2ThrottledException',
  'LimitExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttling',
  'ThrottledException',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** And to "there is no room": nothing is wrong with the call, and it may succeed later, elsewhere or with another kind of machine. */
const CAPACITY: ReadonlySet<string> = new Set([
  'InsufficientAddressCapacity',
  'InsufficientCapacity',
  'InsufficientCapacityOnOutpost',
  'InsufficientFreeAddressesInSubnet',
  'InsufficientHostCapacity',
  'InsufficientInstanceCapacity',
  'InstanceLimitExceeded',
  'MaxSpotInstanceCountExceeded',
  'ReservationCapacityExceeded',
  'SpotMaxPriceTooLow',
  'UnfulfillableCapacity',
  'VcpuLimitExceeded',
]);

/** What failed, in words such as `starting host "a"`, as a typed error; one that already is passes. */
export function toAwsError(error: unknown, what: string, signal: AbortSignal): ScalerError {
  if (error instanceof ScalerError) return error;
  const name = awsErrorName(error);
  const reason: unknown = signal.aborted ? signal.reason : error;
  const because = reason instanceof Error ? reason.message : String(reason);
  const code = codeOf(error, name);
  const retryable = signal.aborted || code !== 'SCALER_DRIVER_FAILED' || isPassing(error);
  return new ScalerError(code, `${what}: ${signal.aborted ? '' : `${name}: `}${because}`, {
    cause: error,
    retryable,
  });
}

/** What AWS calls the error, such as `ServiceNotFoundException`; of another error its code or name. */
export function awsErrorName(error: unknown): string {
  const { name, Code, code } = error as {
    readonly name?: string;
    readonly Code?: string;
    readonly code?: string;
  };
  return (name === 'Error' ? undefined : name) ?? Code ?? code ?? 'Error';
}

/** Whether AWS says that there is no room. */
export function lacksRoom(error: unknown): boolean {
  return CAPACITY.has(awsErrorName(error));
}

function codeOf(error: unknown, name: string): ScalerErrorCode {
  if (THROTTLED.has(name) || statusOf(error) === 429) return 'SCALER_DRIVER_THROTTLED';
  return lacksRoom(error) ? 'SCALER_DRIVER_CAPACITY' : 'SCALER_DRIVER_FAILED';
}

/** Errors of the service itself and of the network pass by themselves; refusals don't. */
function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500;
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

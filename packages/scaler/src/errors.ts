/** What went wrong, for programs; messages may change. */
export type ScalerErrorCode =
  | 'SCALER_CONFIG'
  | 'SCALER_DRIVER_FAILED'
  | 'SCALER_DRIVER_CAPACITY'
  | 'SCALER_DRIVER_THROTTLED'
  /** Somebody else scales the same object: acting would be a tug of war. */
  | 'SCALER_DRIVER_CONFLICT'
  | 'SCALER_STORE'
  | 'SCALER_BAD_REQUEST';

/** Every error that this package throws on purpose. */
export class ScalerError extends Error {
  override readonly name = 'ScalerError';
  readonly code: ScalerErrorCode;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(
    code: ScalerErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

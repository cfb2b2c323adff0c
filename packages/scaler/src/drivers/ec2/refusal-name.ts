import { awsErrorName } from '../../aws/to-aws-error.ts';
import type { ScalerError } from '../../errors.ts';

/** AWS's own name of what an API call failed with, such as `InvalidInstanceID.NotFound`. */
export function refusalName({ cause }: ScalerError): string {
  return typeof cause === 'object' && cause !== null ? awsErrorName(cause) : 'Error';
}

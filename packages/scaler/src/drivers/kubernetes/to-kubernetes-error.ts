import { z } from 'zod';
import { ScalerError } from '../../errors.ts';
import type { JsonAnswer } from '../json-http.ts';

const status = z.looseObject({ message: z.string().optional(), reason: z.string().optional() });

/** A refusal of the API server as a typed error. `what`: what was tried, such as `scaling deployment "djl-cpu"`. */
export function toKubernetesError(
  { status: code, body, retryAfterSeconds }: JsonAnswer,
  what: string,
): ScalerError {
  const said = status.safeParse(body).data;
  const because = said?.message ?? (typeof body === 'string' ? body.slice(0, 200) : 'no reason given');
  const message = (advice = '') => `Kubernetes: ${what}: ${code} ${because}${advice}`;
  if (code === 429) {
    const wait = retryAfterSeconds === undefined ? '' : `; it asks to wait for ${retryAfterSeconds} s`;
    return new ScalerError('SCALER_DRIVER_THROTTLED', message(wait), { retryable: true });
  }
  if (isQuota(because)) return new ScalerError('SCALER_DRIVER_CAPACITY', message(), { retryable: true });
  if (code === 409) return new ScalerError('SCALER_DRIVER_FAILED', message(), { retryable: true });
  if (code === 401) {
    const advice = '; the token or certificate is not, or not any more, one that the cluster knows';
    return new ScalerError('SCALER_DRIVER_FAILED', message(advice), { retryable: true });
  }
  if (code === 403) {
    const advice = "; give the scaler's service account that right: docs/drivers/kubernetes.md has the Role";
    return new ScalerError('SCALER_DRIVER_FAILED', message(advice));
  }
  return new ScalerError('SCALER_DRIVER_FAILED', message(), { retryable: code >= 500 || code === 410 });
}

/** A ResourceQuota that is used up, which is 403 like a missing right. */
export function isQuota(message: string): boolean {
  return message.includes('exceeded quota');
}

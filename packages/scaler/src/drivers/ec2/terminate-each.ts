import type { Ec2Api } from '../../aws/ec2-api.ts';
import type { ScalerError } from '../../errors.ts';
import { toDriverError } from '../to-driver-error.ts';
import { refusalName } from './refusal-name.ts';

/** What came of it, instance by instance. */
export interface Terminations {
  readonly accepted: readonly string[];
  /** EC2 doesn't know them: gone long ago, or launched just now. */
  readonly unknown: readonly string[];
  /** The first that went wrong, after all others were tried. */
  readonly error?: ScalerError;
}

/** EC2 takes 1,000, and advises fewer. */
const CHUNK = 100;

const UNKNOWN: ReadonlySet<string> = new Set(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed']);

/**
 * Ends each of these instances. EC2 ends none of a call in which one can't be ended, so those that it names are taken out and the rest is asked for again;
 * where it names none, each half by itself.
 */
export async function terminateEach(
  api: Pick<Ec2Api, 'terminate'>,
  instanceIds: readonly string[],
  signal: AbortSignal,
): Promise<Terminations> {
  const accepted: string[] = [];
  const unknown: string[] = [];
  let error: ScalerError | undefined;
  const left = chunksOf([...new Set(instanceIds)], CHUNK);
  for (let ids = left.shift(); ids !== undefined; ids = left.shift()) {
    try {
      await api.terminate(ids, signal);
      accepted.push(...ids);
    } catch (reason) {
      const failure = toDriverError(reason, `terminating ${ids.join(', ')}`, signal);
      const notThere = UNKNOWN.has(refusalName(failure));
      const culprits = ids.length === 1 ? ids : culpritsOf(ids, failure);
      if (notThere) unknown.push(...culprits);
      else error ??= failure;
      if (mayDifferById(failure, culprits)) left.unshift(...remainder(ids, culprits));
    }
  }
  return { accepted, unknown, ...(error && { error }) };
}

/** Those of a call that AWS names in its refusal. */
function culpritsOf(ids: readonly string[], { cause }: ScalerError): readonly string[] {
  const text = cause instanceof Error ? cause.message : '';
  return ids.filter((id) => text.includes(id));
}

/** Whether a part of the call might succeed: not where the service is down, has enough of us, or allows us nothing. */
function mayDifferById(failure: ScalerError, culprits: readonly string[]): boolean {
  if (failure.code !== 'SCALER_DRIVER_FAILED' || failure.retryable) return false;
  return culprits.length > 0 || refusalName(failure) !== 'UnauthorizedOperation';
}

function remainder(ids: readonly string[], culprits: readonly string[]): readonly (readonly string[])[] {
  if (culprits.length === 0) return chunksOf(ids, Math.ceil(ids.length / 2));
  const rest = ids.filter((id) => !culprits.includes(id));
  return rest.length === 0 ? [] : [rest];
}

function chunksOf(ids: readonly string[], size: number): (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, index) =>
    ids.slice(index * size, (index + 1) * size),
  );
}

import { ScalerError } from '../../errors.ts';
import type { JsonAnswer } from '../json-http.ts';

/** An answer of the Engine that is no success, as an error that says what to do. */
export function engineError({ status, body }: JsonAnswer, what: string): ScalerError {
  const said = saidOf(body);
  const { advice = '', ...kind } = kindOf(status, said);
  return new ScalerError(
    kind.code,
    `Docker Engine: ${what}: ${said || 'no reason given'} (HTTP ${status})${advice && `: ${advice}`}`,
    { retryable: kind.retryable },
  );
}

/** Whether somebody else changed the object between our reading and our writing. */
export function isOutOfSequence({ status, body }: JsonAnswer): boolean {
  return status === 500 && saidOf(body).includes('update out of sequence');
}

interface Kind {
  readonly code: 'SCALER_DRIVER_FAILED' | 'SCALER_DRIVER_THROTTLED';
  readonly retryable: boolean;
  readonly advice?: string;
}

function kindOf(status: number, said: string): Kind {
  const failed = 'SCALER_DRIVER_FAILED';
  if (status === 429) return { code: 'SCALER_DRIVER_THROTTLED', retryable: true };
  if (/not a swarm manager/i.test(said)) {
    const advice =
      "give drivers.swarm.host a manager's Engine, or place the scaler on one (node.role == manager)";
    return { code: failed, retryable: false, advice };
  }
  if (status === 401 || status === 403) {
    const advice = 'the scaler reads version, info, services, tasks and nodes, and posts updates of services';
    return { code: failed, retryable: false, advice };
  }
  return { code: failed, retryable: status >= 500 };
}

/** Docker puts its words into `message`; a proxy before it may answer anything. */
function saidOf(body: unknown): string {
  const message: unknown =
    typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  return typeof message === 'string' ? message.trim().slice(0, LONGEST) : '';
}

const LONGEST = 500;

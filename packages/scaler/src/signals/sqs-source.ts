import type { SqsApi } from '../aws/sqs-api.ts';
import { ScalerError } from '../errors.ts';
import type { Sample } from '../values/sample.ts';
import { type Deadline, within } from '../within.ts';
import type { OutsideSource, SignalOf } from './outside-source.ts';

/** Which messages of a queue count. */
export interface QueueSignal extends SignalOf {
  readonly queueUrl: string;
  /** `all`: those that somebody works on too, else work in progress is scaled away. Delayed ones never count. */
  readonly count: 'all' | 'visible';
}

/** How many messages a queue of SQS has, asked at each tick. */
export function sqsSource({ name, group, queueUrl, count }: QueueSignal, api: SqsApi): OutsideSource {
  return {
    read: async (deadline) => [{ name, group, sample: await messagesIn(queueUrl, count, api, deadline) }],
    close: () => api.close(),
  };
}

async function messagesIn(
  queueUrl: string,
  count: QueueSignal['count'],
  api: SqsApi,
  deadline: Deadline,
): Promise<Sample> {
  const { clock, timeoutMs } = deadline;
  const missing = (reason: string): Sample => ({ kind: 'missing', reason, atMs: clock.nowMs() });
  try {
    const read = await within(deadline, (signal) => api.depth(queueUrl, signal));
    if (read.kind !== 'done') return missing(`${queueUrl} did not answer within ${timeoutMs} ms`);
    const { visible, notVisible } = read.value;
    return { kind: 'value', value: count === 'all' ? visible + notVisible : visible, atMs: clock.nowMs() };
  } catch (error) {
    if (error instanceof ScalerError) return missing(error.message);
    throw error; // a fault of ours
  }
}

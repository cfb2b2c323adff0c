import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { EcsControlPlane } from './ecs-control-plane.ts';

/** What a worker has taken. */
interface Batch {
  readonly messages: readonly Message[];
  readonly doneAtMs: number;
}

export interface QueueWorkersParts {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly plane: EcsControlPlane;
  readonly nowMs: () => number;
  /** `SQS_BATCH_SIZE`. */
  readonly batchSize: number;
  /** For how long a task protects itself when it takes messages. */
  readonly protectMinutes: number;
}

/**
 * What the program in each running task does (examples/sqs-worker.ts is the real one): takes messages, works on them side by side for as many seconds as
 * each says in its body, deletes them, and protects its task meanwhile. One that is stopped gives back what it has.
 */
export class QueueWorkers {
  readonly #parts: QueueWorkersParts;
  #batches: ReadonlyMap<string, Batch> = new Map();
  /** How many messages were worked off, and given back. */
  done = 0;
  givenBack = 0;

  constructor(parts: QueueWorkersParts) {
    this.#parts = parts;
  }

  isBusy(taskArn: string): boolean {
    return this.#batches.has(taskArn);
  }

  /** Does what is due now; `polls`: those that are free look for messages. */
  async step(polls: boolean): Promise<void> {
    const { plane, nowMs } = this.#parts;
    const running = plane.running.map(({ arn }) => arn);
    for (const [arn, batch] of this.#batches) {
      if (!plane.tasks.some((task) => task.arn === arn)) await this.#giveBack(arn, batch);
      else if (nowMs() >= batch.doneAtMs) await this.#finish(arn, batch);
      else continue;
    }
    if (polls) for (const arn of running) if (!this.isBusy(arn)) await this.#take(arn);
  }

  async #take(arn: string): Promise<void> {
    const { sqs, queueUrl: QueueUrl, batchSize, plane, protectMinutes, nowMs } = this.#parts;
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: batchSize });
    const { Messages: messages = [] } = await sqs.send(command);
    if (messages.length === 0) return;
    plane.protect(arn, protectMinutes);
    const seconds = Math.max(...messages.map(({ Body }) => Number(Body)));
    this.#batches = new Map([...this.#batches, [arn, { messages, doneAtMs: nowMs() + seconds * 1_000 }]]);
  }

  async #finish(arn: string, { messages }: Batch): Promise<void> {
    const { sqs, queueUrl: QueueUrl, plane } = this.#parts;
    for (const { ReceiptHandle } of messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    this.done += messages.length;
    plane.protect(arn, 0);
    this.#forget(arn);
  }

  async #giveBack(arn: string, { messages }: Batch): Promise<void> {
    const { sqs, queueUrl: QueueUrl } = this.#parts;
    for (const { ReceiptHandle } of messages)
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    this.givenBack += messages.length;
    this.#forget(arn);
  }

  #forget(arn: string): void {
    this.#batches = new Map([...this.#batches].filter(([each]) => each !== arn));
  }
}

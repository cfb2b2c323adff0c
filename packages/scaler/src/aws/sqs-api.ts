import { z } from 'zod';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { LazyClient } from './lazy-client.ts';

/** About how many messages a queue has: SQS itself only estimates, and within a minute. */
export interface QueueDepth {
  /** Nobody works on them. */
  readonly visible: number;
  /** Somebody has received them and not deleted them yet. */
  readonly notVisible: number;
  /** Sent with a delay that isn't over. */
  readonly delayed: number;
}

/** A message that was received; it comes again unless it is deleted within the queue's visibility timeout. */
export interface QueueMessage {
  readonly id: string;
  /** What `delete` takes; of this receipt only. */
  readonly receipt: string;
  readonly body: string;
}

/** What we ask of SQS. Calls reject with a `ScalerError`, and when their signal aborts. */
export interface SqsApi {
  depth(queueUrl: string, signal: AbortSignal): Promise<QueueDepth>;
  /**
   * Up to `maxMessages` (1–10), as soon as there is one; none after `waitSeconds` (0–20).
   */
  receive(
    queueUrl: string,
    options: { readonly maxMessages: number; readonly waitSeconds: number },
    signal: AbortSignal,
  ): Promise<readonly QueueMessage[]>;
  /** Any number of messages by their receipts; those that are gone already are no error. Rejects when one could not be deleted. */
  delete(queueUrl: string, receipts: readonly string[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The owner of the SDK for SQS. Needs sqs:GetQueueAttributes, and for messages sqs:ReceiveMessage and sqs:DeleteMessage. */
export function openSqsApi(settings: AwsSettings): SqsApi {
  const sqs = new LazyClient(async () => {
    const { SQSClient, ...commands } = await import('@aws-sdk/client-sqs');
    return { ...commands, client: new SQSClient(clientConfig(settings)) };
  });
  return {
    depth: (queueUrl, signal) =>
      sqs.call(`counting messages of ${queueUrl}`, signal, async ({ client, GetQueueAttributesCommand }) => {
        const command = new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'ApproximateNumberOfMessagesDelayed',
          ],
        });
        const { Attributes } = await client.send(command, { abortSignal: signal });
        return depthSchema.parse(Attributes);
      }),
    receive: (queueUrl, { maxMessages, waitSeconds }, signal) =>
      sqs.call(`receiving messages of ${queueUrl}`, signal, async ({ client, ReceiveMessageCommand }) => {
        const command = new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: maxMessages,
          WaitTimeSeconds: waitSeconds,
        });
        const { Messages = [] } = await client.send(command, {
          abortSignal: signal,
          requestTimeout: waitSeconds * 1_000 + ANSWER_MS,
        });
        return z.array(messageSchema).parse(Messages);
      }),
    async delete(queueUrl, receipts, signal) {
      for (let from = 0; from < receipts.length; from += MAX_BATCH) {
        const batch = receipts.slice(from, from + MAX_BATCH);
        await sqs.call(
          `deleting ${batch.length} messages of ${queueUrl}`,
          signal,
          async ({ client, DeleteMessageBatchCommand }) => {
            const Entries = batch.map((receipt, index) => ({ Id: String(index), ReceiptHandle: receipt }));
            const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries });
            const { Failed = [] } = await client.send(command, { abortSignal: signal });
            const [first] = Failed;
            if (first !== undefined) {
              throw new Error(`${Failed.length} failed, the first with ${first.Code}: ${first.Message}`);
            }
          },
        );
      }
    },
    close: () => sqs.close(),
  };
}

/** How long an answer may take beyond the wait that was asked for. */
const ANSWER_MS = 5_000;

/** DeleteMessageBatch takes no more. */
const MAX_BATCH = 10;

const count = z.coerce.number().int().min(0);

const depthSchema = z
  .object({
    ApproximateNumberOfMessages: count,
    ApproximateNumberOfMessagesNotVisible: count,
    ApproximateNumberOfMessagesDelayed: count,
  })
  .transform(
    (attributes): QueueDepth => ({
      visible: attributes.ApproximateNumberOfMessages,
      notVisible: attributes.ApproximateNumberOfMessagesNotVisible,
      delayed: attributes.ApproximateNumberOfMessagesDelayed,
    }),
  );

const messageSchema = z
  .object({ MessageId: z.string(), ReceiptHandle: z.string(), Body: z.string().default('') })
  .transform(
    ({ MessageId, ReceiptHandle, Body }): QueueMessage => ({
      id: MessageId,
      receipt: ReceiptHandle,
      body: Body,
    }),
  );

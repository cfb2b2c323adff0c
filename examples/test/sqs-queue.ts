import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

/** A queue with a redrive policy, and the queue where that puts messages aside. */
export interface TestQueue {
  readonly url: string;
  send(bodies: readonly string[]): Promise<void>;
  /** Messages that can be received now, and those that a worker has. */
  counts(): Promise<{ readonly waiting: number; readonly hidden: number; readonly putAside: number }>;
}

/** Makes both; what is received `maxReceives` times is put aside at the next receive. */
export async function makeQueue(endpoint: string, name: string, maxReceives: number): Promise<TestQueue> {
  const sqs = new SQSClient({ endpoint });
  const create = async (QueueName: string, Attributes: Record<string, string> = {}) => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    if (QueueUrl === undefined) throw new Error(`SQS made no queue ${QueueName}`);
    return QueueUrl;
  };
  const read = async (QueueUrl: string, ...AttributeNames: QueueAttributeName[]) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};
  const aside = await create(`${name}-aside`);
  const { QueueArn } = await read(aside, 'QueueArn');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount: maxReceives });
  const url = await create(name, { RedrivePolicy });
  const waiting = 'ApproximateNumberOfMessages';
  const hidden = 'ApproximateNumberOfMessagesNotVisible';
  return {
    url,
    async send(bodies) {
      for (let from = 0; from < bodies.length; from += 10) {
        const Entries = bodies
          .slice(from, from + 10)
          .map((MessageBody, i) => ({ Id: String(i), MessageBody }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
      }
    },
    async counts() {
      const [own, other] = await Promise.all([read(url, waiting, hidden), read(aside, waiting)]);
      return {
        waiting: Number(own[waiting]),
        hidden: Number(own[hidden]),
        putAside: Number(other[waiting]),
      };
    },
  };
}

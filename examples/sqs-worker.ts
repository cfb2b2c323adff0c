// Document 003's worker: takes documents from an SQS queue, embeds them through the gateway and stores the vectors, at least once each and
// with nothing stored twice. Run as many as the queue has work for (`forebay-scaler` does, or ECS); end one with SIGTERM.
//
// Run: QUEUE_URL=https://sqs.…/documents DJL_URL=http://127.0.0.1:8080/predictions/all-MiniLM-L6-v2 node examples/sqs-worker.ts
// A message: {"id": "doc-17", "texts": ["first chunk", "second chunk"]}. Give the queue a redrive policy (maxReceiveCount 5): a message
// that nobody can embed is left alone and comes back until SQS puts it aside.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { openVectorFile } from './vector-file.ts';

const {
  QUEUE_URL: QueueUrl,
  DJL_URL = 'http://127.0.0.1:8080/predictions/all-MiniLM-L6-v2',
  SQS_BATCH_SIZE = '3', // messages at a time, 1 to 10
  VISIBILITY_SECONDS = '60', // a killed worker's messages come back after this long
  STOP_SECONDS = '20', // for what is under way at SIGTERM; less than what ECS waits (30 s)
  VECTORS = 'vectors.db',
} = process.env;
if (QueueUrl === undefined) throw new Error('QUEUE_URL must be the URL of an SQS queue');
const VisibilityTimeout = Number(VISIBILITY_SECONDS);

const sqs = new SQSClient({});
using store = openVectorFile(VECTORS);
const stopping = new AbortController();
/** Work that isn't done by then is given back. */
const outOfTime = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.once(name, () => {
    stopping.abort();
    setTimeout(() => outOfTime.abort(), Number(STOP_SECONDS) * 1_000).unref();
  });
}

while (!stopping.signal.aborted) {
  try {
    const messages = await receive();
    if (messages.length > 0) await work(messages);
  } catch (error) {
    if (stopping.signal.aborted) break;
    say(`${error}; again in 5 s`);
    await sleep(5_000, undefined, { signal: stopping.signal }).catch(() => undefined); // told to stop
  }
}
say('stopped');

/** Waits up to 20 s for messages; when it is told to stop while some are on their way, these come back after their visibility time-out. */
async function receive(): Promise<readonly Message[]> {
  const MaxNumberOfMessages = Number(SQS_BATCH_SIZE);
  const request = { QueueUrl, MaxNumberOfMessages, WaitTimeSeconds: 20, VisibilityTimeout };
  const command = new ReceiveMessageCommand({
    ...request,
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  return (await sqs.send(command, { abortSignal: stopping.signal })).Messages ?? [];
}

/** Side by side: the gateway makes batches of them. Each is deleted once its vectors are stored, and kept hidden while it is worked on. */
async function work(messages: readonly Message[]): Promise<void> {
  const mine = new Set(messages);
  const done = new AbortController();
  const hiding = keepHidden(mine, done.signal);
  await Promise.all(messages.map((message) => settle(message, mine)));
  done.abort();
  await hiding;
}

async function settle(message: Message, mine: Set<Message>): Promise<void> {
  const about = `message ${message.MessageId}, receipt ${message.Attributes?.ApproximateReceiveCount}`;
  try {
    const outcome = await embed(message.Body ?? '');
    mine.delete(message);
    if (outcome.kind === 'stored') {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    } else if (outcome.kind === 'given back') {
      await hide([message], 0);
    } else {
      // It comes back when its visibility time-out is over, and after a few times goes where the queue's redrive policy says.
      say(`${about} is left: ${outcome.because}`);
    }
  } catch (error) {
    mine.delete(message);
    say(`${about} comes back: ${error}`);
  }
}

type Outcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'given back' }
  | { readonly kind: 'left'; readonly because: string };

async function embed(body: string): Promise<Outcome> {
  const document = toDocument(body);
  if (typeof document === 'string') return { kind: 'left', because: document };
  // Stored by a worker that ended before it could delete the message.
  if (store.has(document.id)) return { kind: 'stored' };
  for (let failures = 0; ; ) {
    const answer = await ask(document.texts);
    if (answer.kind === 'vectors') {
      store.put(document.id, answer.vectors);
      return { kind: 'stored' };
    }
    // A text that makes servers fail looks like servers that fail; five times are enough to tell.
    failures += answer.blames === 'server' ? 1 : 0;
    if (answer.blames === 'text' || failures === 5) return { kind: 'left', because: answer.because };
    // While the gateway can't embed anybody's texts the message is not at fault, and its receipts are not used up.
    try {
      await sleep(answer.waitSeconds * 1_000, undefined, { signal: stopping.signal });
    } catch {
      return { kind: 'given back' };
    }
  }
}

type Answer =
  | { readonly kind: 'vectors'; readonly vectors: readonly (readonly number[])[] }
  | {
      readonly kind: 'none';
      readonly blames: 'text' | 'server' | 'load';
      readonly because: string;
      readonly waitSeconds: number;
    };

async function ask(texts: readonly string[]): Promise<Answer> {
  const none = { kind: 'none', blames: 'load', waitSeconds: 1 } as const;
  try {
    const answer = await fetch(DJL_URL, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forebay-priority': 'bulk' },
      body: JSON.stringify({ inputs: texts }),
      signal: outOfTime.signal,
    });
    const { status } = answer;
    // The gateway answers with one vector for each text, in their order.
    if (answer.ok) return { kind: 'vectors', vectors: (await answer.json()) as number[][] };
    const because = `the gateway says ${status} ${(await answer.text()).slice(0, 200)}`;
    if (status === 502 || status === 504) return { ...none, blames: 'server', because };
    if (status !== 429 && status !== 503) return { ...none, blames: 'text', because };
    return { ...none, because, waitSeconds: Number(answer.headers.get('retry-after')) || 1 };
  } catch (error) {
    return { ...none, because: `the gateway does not answer: ${error}` };
  }
}

/** Makes the time-out begin anew, three times in each. */
async function keepHidden(messages: ReadonlySet<Message>, signal: AbortSignal): Promise<void> {
  const everyMs = (VisibilityTimeout * 1_000) / 3;
  const pause = () => sleep(everyMs, true, { signal }).catch(() => false);
  while (await pause()) {
    await hide([...messages], VisibilityTimeout).catch((error) =>
      say(`could not keep messages hidden: ${error}`),
    );
  }
}

async function hide(messages: readonly Message[], seconds: number): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ ReceiptHandle }, i) => ({
    Id: String(i),
    ReceiptHandle,
    VisibilityTimeout: seconds,
  }));
  await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
}

/** What a message asks for, or what is wrong with it. */
function toDocument(body: string): { readonly id: string; readonly texts: readonly string[] } | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 'it is no JSON';
  }
  const { id, texts } = (parsed ?? {}) as { id?: unknown; texts?: unknown }; // looked at in the next line
  const isDocument =
    typeof id === 'string' && Array.isArray(texts) && texts.every((text) => typeof text === 'string');
  return isDocument && texts.length > 0
    ? { id, texts }
    : 'it must be {"id": …, "texts": […]}, with a text at least';
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

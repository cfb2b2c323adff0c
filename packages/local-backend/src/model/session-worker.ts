import { readFileSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { groupByLength } from './group-by-length.ts';
import type { SessionReply, SessionRequest, SessionSetup } from './session-messages.ts';
import { createTextTokenizer, type TextTokenizer } from './text-tokenizer.ts';
import { vectorsToJson, vectorToJson } from './vectors-to-json.ts';

/** Longer runs are no faster on a CPU: 41 texts of 100 tokens a second in runs of 4, 31 in runs of 32. */
const MAX_RUN_TOKENS = 512;

interface Model {
  readonly session: InferenceSession;
  readonly tokenize: TextTokenizer;
  readonly setup: SessionSetup;
  readonly abandoned: Int32Array;
}

// The entry of a thread: createSessionThread passes a SessionSetup, and there is a parent.
await serve(workerData as SessionSetup, parentPort as MessagePort);

async function serve(setup: SessionSetup, port: MessagePort): Promise<void> {
  const definition: object = JSON.parse(readFileSync(setup.tokenizerPath, 'utf8'));
  const model: Model = {
    session: await openSession(setup),
    tokenize: createTextTokenizer(definition),
    setup,
    abandoned: new Int32Array(setup.abandoned),
  };
  let answering: Promise<SessionReply> | undefined;
  port.on('message', async (request: SessionRequest) => {
    if (request.kind === 'close') {
      await answering; // it has the session
      await model.session.release();
      port.close();
      return;
    }
    answering = answer(model, request);
    const reply = await answering;
    port.postMessage(reply, reply.kind === 'answer' ? [reply.json.buffer as ArrayBuffer] : []); // encode() made it, unshared
  });
  port.postMessage({ kind: 'ready' } satisfies SessionReply);
}

function openSession({ graphPath, weights, weightsName }: SessionSetup): Promise<InferenceSession> {
  return InferenceSession.create(graphPath, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    ...(weights && { externalData: [{ path: weightsName, data: new Uint8Array(weights) }] }),
  });
}

type EmbedRequest = Extract<SessionRequest, { kind: 'embed' }>;

async function answer(model: Model, { id, texts, flat }: EmbedRequest): Promise<SessionReply> {
  try {
    const tokens = texts.map(model.tokenize);
    const lengths = tokens.map((ids) => ids.length);
    const { maxRunTexts: maxTexts, groupByLength: grouped } = model.setup;
    const runs = grouped
      ? groupByLength(lengths, { maxTexts, maxTokens: MAX_RUN_TOKENS })
      : [[...lengths.keys()]];
    const vectors = new Array<Float32Array>(texts.length);
    for (const run of runs) {
      if (Atomics.load(model.abandoned, 0) === id) return { kind: 'abandoned', id };
      const found = await embed(
        model.session,
        run.map((index) => tokens[index] ?? []),
      );
      run.forEach((index, row) => {
        vectors[index] = found[row] ?? new Float32Array();
      });
    }
    const json = flat && vectors[0] ? vectorToJson(vectors[0]) : vectorsToJson(vectors);
    return { kind: 'answer', id, json: new TextEncoder().encode(json) };
  } catch (error) {
    return { kind: 'failed', id, message: error instanceof Error ? error.message : String(error) };
  }
}

/** One run of the model; shorter texts are padded to the longest. */
async function embed(
  session: InferenceSession,
  tokens: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const longest = Math.max(...tokens.map((ids) => ids.length));
  const inputIds = new BigInt64Array(tokens.length * longest);
  const attentionMask = new BigInt64Array(tokens.length * longest);
  tokens.forEach((ids, row) => {
    ids.forEach((id, column) => {
      inputIds[row * longest + column] = BigInt(id);
      attentionMask[row * longest + column] = 1n;
    });
  });
  const dims = [tokens.length, longest];
  const outputs = await session.run({
    input_ids: new Tensor('int64', inputIds, dims),
    attention_mask: new Tensor('int64', attentionMask, dims),
  });
  const data = outputs.embedding?.data;
  if (!(data instanceof Float32Array)) throw new Error('The graph has no float32 output named "embedding"');
  const dimensions = data.length / tokens.length;
  const vectors = tokens.map((_, row) => data.slice(row * dimensions, (row + 1) * dimensions));
  const broken = vectors.find((vector) => !vector.every(Number.isFinite));
  if (broken)
    throw new Error('The model gave numbers that are not finite: are these the weights of all-MiniLM-L6-v2?');
  return vectors;
}

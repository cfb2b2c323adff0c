import type { Core, ServedModel } from './core.ts';
import type { EmbeddingJob } from './embedding-job.ts';
import type { EncodedVector } from './encoded-vector.ts';
import type { Exchange } from './exchange.ts';
import type { FaceRequest, ParsedRequest } from './faces/face.ts';
import type { Fault } from './fault.ts';
import { effectOf, type FaultEffect } from './fault-effect.ts';
import { refusalOf } from './refusal.ts';
import { bodyFaultOf, spoilBody } from './spoil-body.ts';
import { spoilVectors } from './spoil-vectors.ts';

/** Takes one embedding request from its whole body to its answer, through the faults that strike it. */
export function serveEmbedding(core: Core, exchange: Exchange, request: FaceRequest): void {
  const faults = core.faults.next();
  const silent = faults.find(({ kind }) => kind === 'reset' || kind === 'hang');
  if (silent) {
    if (silent.kind === 'reset') exchange.reset();
    else exchange.hang();
    return;
  }
  const parsed = exchange.face.parse(request, core.options);
  if (parsed.kind === 'embed') embed(core, exchange, parsed, faults);
  else if (parsed.kind === 'refused') exchange.refuse(parsed.refusal);
  else exchange.answer(parsed.body, parsed.headers);
}

type Batch = Extract<ParsedRequest, { kind: 'embed' }>;

function embed(core: Core, exchange: Exchange, batch: Batch, faults: readonly Fault[]): void {
  core.counters.add('textsReceived', batch.texts.length);
  const model = core.models.get(batch.model);
  const effect = effectOf(faults, batch.texts, batch.model);
  if (!model) exchange.refuse(refusalOf('model-not-found', batch.model));
  else if (core.faults.slowStart) exchange.refuse(refusalOf('not-ready', batch.model));
  else if (effect.atOnce) exchange.refuse(effect.atOnce);
  else if (!model.queue.submit(jobOf(core, exchange, batch, model, faults, effect))) {
    exchange.refuse(refusalOf('queue-full', batch.model));
  }
}

function jobOf(
  core: Core,
  exchange: Exchange,
  batch: Batch,
  model: ServedModel,
  faults: readonly Fault[],
  effect: FaultEffect,
): EmbeddingJob {
  const { counters } = core;
  const { texts } = batch;
  return {
    texts,
    effect,
    abandoned: () => {
      if (exchange.left) counters.add('skipped');
      return exchange.left;
    },
    refused: (refusal) => exchange.refuse(refusal),
    computed: (refusal) => {
      if (refusal || exchange.left) counters.add('textsWasted', texts.length);
      if (exchange.left) return;
      if (refusal) exchange.refuse(refusal);
      else answer(core, exchange, batch, texts.map(model.encode), faults);
    },
  };
}

function answer(
  core: Core,
  exchange: Exchange,
  batch: Batch,
  vectors: readonly EncodedVector[],
  faults: readonly Fault[],
): void {
  const spoiled = spoilVectors(vectors, faults, core.random);
  const bodyFault = bodyFaultOf(faults);
  if (spoiled !== vectors || bodyFault) core.counters.add('textsWasted', batch.texts.length);
  const body = batch.render(spoiled);
  if (bodyFault) exchange.answerSpoiled(spoilBody(body, bodyFault));
  else exchange.answer(body);
}

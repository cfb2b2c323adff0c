import type { Clock } from '../clock.ts';
import type { BatchFailureReason } from '../events.ts';
import type { Protocol } from '../protocol/protocol.ts';
import type { VectorBytes } from '../protocol/vector-bytes.ts';
import { type Transport, TransportError } from '../wire/transport.ts';
import type { BatchTimeouts } from './batch-timeouts.ts';

/** How one batch ended. */
export type SendResult =
  | { readonly kind: 'vectors'; readonly vectors: readonly VectorBytes[]; readonly durationMs: number }
  | {
      /** As many vectors as texts came, and some are unusable: they are missing. */
      readonly kind: 'spoiled';
      readonly vectors: readonly (VectorBytes | undefined)[];
      /** What is wrong with the first that is. */
      readonly message: string;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly reason: BatchFailureReason;
      /** What happened; may quote what the backend said of a text. */
      readonly message: string;
      readonly retryAfterMs: number | undefined;
      /** Nothing listens there, or it says that it is not ready: how a server looks that is still starting. */
      readonly notUp: boolean;
      readonly durationMs: number;
    };

/** One backend as a batch meets it. */
export interface Server {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly protocol: Protocol;
  readonly model: string;
  /** Path and query of its URL. */
  readonly path: string;
  readonly timeouts: BatchTimeouts;
  /** Ends when the backend is closed. */
  readonly closed: AbortSignal;
  /** What is wrong with vectors that were cut out of an answer; undefined when nothing is. */
  readonly verify: (vectors: readonly VectorBytes[]) => Flaw | undefined;
}

/** What is wrong with an answer: these of its vectors are unusable. */
export interface Flaw {
  readonly message: string;
  readonly badIndices: readonly number[];
}

/** Sends one batch and waits for its end; never rejects. */
export async function exchange(server: Server, texts: readonly string[]): Promise<SendResult> {
  const { clock, protocol, transport, timeouts, closed } = server;
  const sentMs = clock.nowMs();
  const timed = timeouts.begin(sentMs);
  const failed = (reason: BatchFailureReason, message: string, more: FailureFacts = {}): SendResult => ({
    kind: 'failed',
    reason,
    message,
    retryAfterMs: more.retryAfterMs,
    notUp: more.notUp ?? false,
    durationMs: clock.nowMs() - sentMs,
  });
  try {
    const request = protocol.toWire(texts, server.model);
    const response = await transport.send({
      method: 'POST',
      path: server.path + request.pathSuffix || '/',
      headers: request.headers,
      body: request.body,
      signal: timed.signal,
    });
    const outcome = protocol.fromWire(response, texts.length);
    if (outcome.kind === 'failure') {
      const { kind, status, message, retryAfterMs } = outcome.failure;
      return failed(kind, `HTTP ${status}: ${message}`, {
        retryAfterMs,
        notUp: kind === 'unavailable' && status === NOT_READY_STATUS,
      });
    }
    const { vectors } = outcome;
    const flaw = server.verify(vectors);
    const durationMs = clock.nowMs() - sentMs;
    if (!flaw) return { kind: 'vectors', vectors, durationMs };
    const bad = new Set(flaw.badIndices);
    const usable = vectors.map((vector, index) => (bad.has(index) ? undefined : vector));
    return { kind: 'spoiled', vectors: usable, message: flaw.message, durationMs };
  } catch (error) {
    if (timed.timedOut) return failed('timeout', `no answer within ${Math.round(clock.nowMs() - sentMs)} ms`);
    if (closed.aborted) return failed('aborted', 'the backend was closed');
    if (error instanceof TransportError && error.kind !== 'too-large') {
      return failed('connection', error.message, { notUp: error.kind === 'connect' });
    }
    // Whatever else broke, broke over this answer: the chunks are tried elsewhere.
    return failed('bad-answer', error instanceof Error ? error.message : String(error));
  } finally {
    timeouts.end(timed);
  }
}

interface FailureFacts {
  readonly retryAfterMs?: number | undefined;
  readonly notUp?: boolean;
}

/** What DJL and TEI say while a model loads. */
const NOT_READY_STATUS = 503;

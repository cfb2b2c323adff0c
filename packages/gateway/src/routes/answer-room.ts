import type { GatewayError } from '../errors.ts';

/**
 * Counts the bytes of answers that their callers have not read yet. While they are as many as allowed no request is let in:
 * answers are large, and callers that don't read theirs would fill the memory.
 */
export class AnswerRoom {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Why no request is let in now; undefined while there is room. */
  get refusal(): GatewayError | undefined {
    if (this.#bytes < this.#maxBytes) return undefined;
    return {
      kind: 'queue_full',
      message: `${this.#bytes} bytes of answers are unread by their callers, at most ${this.#maxBytes} may be (MAX_ANSWER_BYTES)`,
      retryAfterS: 1,
    };
  }

  /** An answer is about to be written; call the returned function once, when it is read or its caller gone. */
  hold(bytes: number): () => void {
    this.#bytes += bytes;
    return () => {
      this.#bytes -= bytes;
    };
  }
}

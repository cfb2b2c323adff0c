/**
 * Collects a body that comes in parts, as one buffer of its own: parts are copied, since the bytes of a part may be overwritten
 * as soon as it was handed over. Where the length is declared each goes straight to its place.
 */
export class AnswerBody {
  readonly #declaredBytes: number;
  #bytes = 0;
  readonly #parts: Buffer[] = [];
  #whole: Buffer | undefined;

  /** `declaredBytes` is what `content-length` says; NaN where it says nothing, and what comes may be more or less. */
  constructor(declaredBytes: number) {
    this.#declaredBytes = declaredBytes;
  }

  /** Bytes that came so far. */
  get bytes(): number {
    return this.#bytes;
  }

  add(part: Buffer): void {
    const at = this.#bytes;
    this.#bytes += part.length;
    if (at === 0 && this.#parts.length === 0 && part.length <= this.#declaredBytes) {
      this.#whole ??= Buffer.allocUnsafeSlow(this.#declaredBytes);
    }
    if (this.#whole && this.#bytes <= this.#whole.length) {
      part.copy(this.#whole, at);
      return;
    }
    if (this.#whole) this.#parts.push(this.#whole.subarray(0, at));
    this.#whole = undefined;
    this.#parts.push(Buffer.from(part));
  }

  /** The whole body. */
  take(): Buffer {
    if (this.#whole) return this.#whole.subarray(0, this.#bytes);
    const [first] = this.#parts;
    return first && this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#bytes);
  }
}

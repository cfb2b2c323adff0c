import { toAwsError } from './to-aws-error.ts';

/** An SDK with a client of it. */
interface Opened {
  readonly client: { destroy(): void };
}

/** One SDK client that is loaded and made at its first call, so that nobody pays for a service that isn't used. */
export class LazyClient<Sdk extends Opened> {
  readonly #open: () => Promise<Sdk>;
  #opened: Promise<Sdk> | undefined;

  constructor(open: () => Promise<Sdk>) {
    this.#open = open;
  }

  /**
   * Rejects with a `ScalerError`, at the latest when `signal` aborts: the search for credentials heeds no signal of its own.
   *
   * @param what in words such as `listing tasks`, for the message
   */
  async call<Answer>(
    what: string,
    signal: AbortSignal,
    send: (sdk: Sdk) => Promise<Answer>,
  ): Promise<Answer> {
    let giveUp: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason as Error); // an abort always has a reason
      signal.addEventListener('abort', giveUp, { once: true });
    });
    try {
      signal.throwIfAborted();
      this.#opened ??= this.#open();
      const opened = this.#opened;
      return await Promise.race([aborted, opened.then((sdk) => send(sdk))]);
    } catch (error) {
      throw toAwsError(error, what, signal);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined); // its callers were told
    opened?.client.destroy();
  }
}

import type { SecretsApi } from '../aws/secrets-api.ts';
import type { Clock } from '../clock.ts';
import type { TokenSource } from './agent-options.ts';

export interface TokenIo {
  readonly readFile: (path: string) => Promise<string>;
  /** Made when a secret is read first. */
  readonly openSecrets: (signal: AbortSignal) => Promise<SecretsApi>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const SECRET_KEPT_MS = 300_000;

/**
 * Gives the token as it is now: a file is read each time, a secret every five minutes, while the token of before goes on: a notice of AWS waits for no
 * other service. Rejects naming the place where it wasn't found.
 */
export function tokenReader(source: TokenSource, io: TokenIo): () => Promise<string | undefined> {
  let secrets: Promise<SecretsApi> | undefined;
  let kept: { readonly token: string; readonly untilMs: number } | undefined;
  let reading: Promise<string> | undefined;

  const readSecret = async (name: string): Promise<string> => {
    secrets ??= io.openSecrets(io.signal);
    const api = await secrets.catch((error: unknown) => {
      secrets = undefined;
      throw error;
    });
    const token = tokenIn(await api.text(name, io.signal), `secret ${name}`);
    kept = { token, untilMs: io.clock.nowMs() + SECRET_KEPT_MS };
    return token;
  };

  return async () => {
    switch (source.kind) {
      case 'none':
        return undefined;
      case 'text':
        return source.token;
      case 'file':
        return tokenIn(await io.readFile(source.path), source.path);
      case 'secret': {
        if (kept !== undefined && io.clock.nowMs() < kept.untilMs) return kept.token;
        reading ??= readSecret(source.name).finally(() => {
          reading = undefined;
        });
        if (kept === undefined) return reading;
        reading.catch(() => undefined); // the next report asks again
        return kept.token;
      }
    }
  };
}

function tokenIn(text: string, place: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error(`${place} holds no token: it must be printable ASCII without spaces`);
}

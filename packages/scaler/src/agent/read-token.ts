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

/** Gives the token as it is now: a file is read each time, a secret every five minutes. Rejects naming the place where it wasn't found. */
export function tokenReader(source: TokenSource, io: TokenIo): () => Promise<string | undefined> {
  let kept: { readonly token: string; readonly untilMs: number } | undefined;
  return async () => {
    switch (source.kind) {
      case 'none':
        return undefined;
      case 'text':
        return source.token;
      case 'file':
        return tokenIn(await io.readFile(source.path), source.path);
      case 'secret': {
        const nowMs = io.clock.nowMs();
        if (kept !== undefined && nowMs < kept.untilMs) return kept.token;
        const secrets = await io.openSecrets(io.signal);
        const token = tokenIn(await secrets.text(source.name, io.signal), `secret ${source.name}`);
        kept = { token, untilMs: nowMs + SECRET_KEPT_MS };
        return token;
      }
    }
  };
}

function tokenIn(text: string, place: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error(`${place} holds no token: it must be printable ASCII without spaces`);
}

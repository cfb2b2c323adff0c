import { motoEnv } from './moto-env.ts';

/** What test files know of their moto. */
export interface Moto {
  /** For `endpoint` of drivers and clients. */
  readonly endpoint: string;
  readonly region: string;
  /** Forgets everything that was made. */
  reset(): Promise<void>;
  /** Ends it, unless somebody else had started it. */
  close(): Promise<void>;
}

/** A moto that answers, and that this process' SDKs may speak to. */
export type MotoInUse = Moto & { readonly kind: 'running' };

/** Where there is none tests can be written all the same, and are skipped and counted. */
export type AbsentMoto = Moto & { readonly kind: 'unavailable'; readonly because: string };

export function absentMoto(because: string): AbsentMoto {
  const nothing = async () => undefined;
  return {
    kind: 'unavailable',
    because,
    endpoint: 'http://127.0.0.1:9',
    region: 'eu-west-1',
    reset: nothing,
    close: nothing,
  };
}

/** Sets region and credentials of this process for a moto that answers. `close` ends it. */
export function useMoto(endpoint: string, close: () => Promise<void>): MotoInUse {
  const { AWS_ENDPOINT_URL: _, ...env } = motoEnv(endpoint);
  Object.assign(process.env, env);
  return {
    kind: 'running',
    endpoint,
    region: env.AWS_REGION ?? '',
    async reset() {
      const answer = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
      if (!answer.ok) throw new Error(`moto could not be reset: ${answer.status}`);
    },
    close,
  };
}

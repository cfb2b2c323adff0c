import { motoEnv } from './moto-env.ts';

/** A moto that answers, and that this process' SDKs may speak to. */
export interface MotoInUse {
  readonly kind: 'running';
  /** For `endpoint` of drivers and clients. */
  readonly endpoint: string;
  readonly region: string;
  /** Forgets everything that was made. */
  reset(): Promise<void>;
  /** Ends it, unless somebody else had started it. */
  close(): Promise<void>;
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

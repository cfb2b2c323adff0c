import { motoEnv } from './moto-env.ts';
import type { MotoUnderTest } from './moto-under-test.ts';

/** Sets region and credentials of this process for a moto that answers. `close` ends it. */
export function useMoto(
  endpoint: string,
  close: () => Promise<void>,
): Extract<MotoUnderTest, { kind: 'running' }> {
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

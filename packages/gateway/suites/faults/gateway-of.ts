import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from '../../test/exchange.ts';
import { type GatewayProcess, spawnGateway } from '../../test/gateway-process.ts';
import type { BackendProcess } from './backend-process.ts';

/** A gateway in a process of its own, before these backends; all of them serve when it resolves. */
export async function startGatewayOf(
  backends: readonly BackendProcess[],
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess & { readonly origin: string }> {
  const gateway = spawnGateway([], {
    PORT: '0',
    VERIFY: 'full',
    LOG_LEVEL: 'fatal',
    DJL_URLS: backends.map(({ djlUrl }) => djlUrl).join(),
    ...env,
  });
  const origin = await gateway.url;
  await allServe(origin, backends.length, 30_000);
  return { ...gateway, origin };
}

/** Milliseconds until this many backends serve; infinite where `withinMs` is not enough. */
export async function allServe(origin: string, count: number, withinMs: number): Promise<number> {
  const startMs = performance.now();
  for (;;) {
    const passedMs = performance.now() - startMs;
    if ((await servingNow(origin)) >= count) return passedMs;
    if (passedMs > withinMs) return Number.POSITIVE_INFINITY;
    await sleep(20);
  }
}

async function servingNow(origin: string): Promise<number> {
  const { text } = await exchange(`${origin}/admin/backends`);
  const { backends } = JSON.parse(text) as { readonly backends: readonly { readonly state: string }[] };
  return backends.filter(({ state }) => state === 'serving').length;
}

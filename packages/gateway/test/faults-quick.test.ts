import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BackendProcess, startBackends } from '../suites/faults/backend-process.ts';
import { FAULT_CASES } from '../suites/faults/fault-cases.ts';
import { allServe, startGatewayOf } from '../suites/faults/gateway-of.ts';
import { type Stream, startLoad } from '../suites/faults/load.ts';
import { djlApi, openaiApi } from './apis.ts';
import type { GatewayProcess } from './gateway-process.ts';

// The quick cut of `pnpm test:faults`: no times, only that every request gets its own right vectors.
const QUICK = ['dies', 'hangs for ever', '400 to everything', 'one vector too few', 'flaps with resets'];
const LOAD: readonly Stream[] = [
  { perSecond: 50, texts: 1, apis: [djlApi, openaiApi] },
  { perSecond: 5, texts: 32, apis: [djlApi] },
];

let backends: BackendProcess[];
let gateway: GatewayProcess & { readonly origin: string };

beforeAll(async () => {
  backends = await startBackends(3);
  gateway = await startGatewayOf(backends);
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.all(backends.map((backend) => backend.kill()));
});

it.for(QUICK)('answers every request rightly while one of three backends fails: %s', async (name) => {
  const place = QUICK.indexOf(name) % 3;
  const struck = backends[place] as BackendProcess; // there are three
  const fault = FAULT_CASES.find((candidate) => candidate.name === name);
  const load = startLoad({ origin: gateway.origin, forMs: 1_000, timeoutMs: 10_000, streams: LOAD });
  const clear = await fault?.begin(struck);
  await load.sent;
  await clear?.();
  const outcomes = await load.outcomes;
  expect(outcomes.filter(({ verdict }) => verdict !== 'right').slice(0, 3)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(50);
});

it('has all three backends back at the end', async () => {
  expect(await allServe(gateway.origin, 3, 20_000)).toBeLessThan(20_000);
});

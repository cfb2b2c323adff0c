import type { BackendReading, GatewayReading, ReadGateway } from './gateway-reading.ts';

/** A good reading; everything is 0 or empty unless given. */
export function reading(fields: Partial<Omit<ReadGateway, 'kind'>> = {}): ReadGateway {
  return {
    kind: 'read',
    gateway: 'http://gw:8080/metrics',
    beganAtMs: 10_000,
    queuedChunks: new Map(),
    queueOldestSeconds: 0,
    queuedWorkSeconds: 0,
    receivedTotal: 0,
    requestsTotal: 0,
    heldRequests: 0,
    latencyBuckets: [],
    backends: new Map(),
    ...fields,
  };
}

export function failedReading(reason: string, beganAtMs = 10_000): GatewayReading {
  return { kind: 'failed', gateway: 'http://gw:8080/metrics', beganAtMs, reason };
}

export function backends(
  fields: Readonly<Record<string, Partial<BackendReading>>>,
): ReadonlyMap<string, BackendReading> {
  const whole = (some: Partial<BackendReading>): BackendReading => ({
    class: 'cpu',
    up: true,
    inFlightChunks: 0,
    chunksPerSecond: undefined,
    ...some,
  });
  return new Map(Object.entries(fields).map(([id, some]) => [id, whole(some)]));
}

import { z } from 'zod';
import type { GroupConfig } from '../config/scaler-config.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { JsonHttp } from './json-http.ts';
import { readDriverOptions } from './read-driver-options.ts';
import { type EngineAddressOptions, engineAddress } from './swarm/engine-address.ts';
import { EngineApi } from './swarm/engine-api.ts';
import { PLACEHOLDERS } from './swarm/replica-url.ts';
import { SwarmDriver } from './swarm-driver.ts';

const swarmOptions = z.strictObject({
  host: z.string().min(1).optional(),
  tls: z
    .strictObject({
      caFile: z.string().min(1).optional(),
      certFile: z.string().min(1).optional(),
      keyFile: z.string().min(1).optional(),
    })
    .optional(),
  service: z.string().min(1).optional(),
  url: z.string().superRefine(checkTemplate).optional(),
  port: z.int().min(1).max(65_535).default(8080),
  path: z.string().startsWith('/').default('/predictions/all-MiniLM-L6-v2'),
  network: z.string().min(1).optional(),
  engines: z.record(z.string(), z.string().min(1)).default({}),
});

/** Replicas as tasks of a Swarm service: by default those of the stack `embed` of docker-compose.cpu.yml. */
export function makeSwarmDriver(group: GroupConfig, around: DriverSurroundings): SwarmDriver {
  const { host, tls, service, url, port, path, network, engines } = readDriverOptions(swarmOptions, group);
  const named = service ?? defaultService(group.name);
  const open = (address: EngineAddressOptions) =>
    new EngineApi(new JsonHttp({ ...engineAddress(address, around.env), platform: 'Docker Engine' }));
  return new SwarmDriver({
    engine: open({ host, tls }),
    engines: Object.fromEntries(
      Object.entries(engines).map(([node, other]) => [node, open({ host: other, tls })]),
    ),
    serviceOf: () => named,
    scales: `Swarm service ${named}${host === undefined ? '' : ` at ${host}`}`,
    url: { template: url, port, path, network },
    clock: around.clock,
    onEvent: around.onEvent,
  });
}

/** Of the stack `embed`; two groups are never one service by default. */
function defaultService(group: string): string {
  return group === 'default' ? 'embed_djl-cpu' : `embed_djl-${group}`;
}

function checkTemplate(template: string, context: z.RefinementCtx): void {
  const names = [...template.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? '');
  const known: readonly string[] = PLACEHOLDERS;
  for (const name of names.filter((each) => !known.includes(each))) {
    context.addIssue({ code: 'custom', message: `{${name}} is none of ${known.join(', ')}` });
  }
  if (!/^https?:\/\/[^/]+\/./.test(template)) {
    context.addIssue({ code: 'custom', message: 'must begin with http:// or https:// and have a path' });
  }
}

import { z } from 'zod';
import { closed, text } from '../config/fields.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { JsonHttp } from './json-http.ts';
import { mapping, modelPath, port as portField } from './option-fields.ts';
import { readDriverOptions } from './read-driver-options.ts';
import { type EngineAddressOptions, engineAddress } from './swarm/engine-address.ts';
import { EngineApi } from './swarm/engine-api.ts';
import { PLACEHOLDERS } from './swarm/replica-url.ts';
import { SwarmDriver } from './swarm-driver.ts';

const swarmOptions = closed({
  host: text('the address of a Docker Engine').optional(),
  tls: closed({
    caFile: text('the path of a file').optional(),
    certFile: text('the path of a file').optional(),
    keyFile: text('the path of a file').optional(),
  }).optional(),
  service: text('the name of a service').optional(),
  url: z.string({ error: 'must be a URL with placeholders' }).superRefine(checkTemplate).optional(),
  port: portField,
  path: modelPath,
  network: text('the name of a network').optional(),
  engines: mapping(
    z.string(),
    text('the address of a Docker Engine'),
    'nodes to addresses of their Docker Engines',
  ).default({}),
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

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from './load-config.ts';
import { readYaml } from './read-yaml.ts';

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), 'utf8');

function valuesOf<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> {
  const yaml = readYaml(text, 'test');
  return schema.parse(yaml.kind === 'yaml' ? yaml.value : yaml);
}

/** What the image of the scaler sets for every container that sets nothing else. */
const imageEnv = Object.fromEntries(
  [...read('deploy/scaler.Dockerfile').matchAll(/^ENV (.*)$/gm)]
    .flatMap(([, assignments = '']) => assignments.split(' '))
    .map((assignment) => assignment.split('=') as [string, string]),
);

const SECRETS = { FOREBAY_ADMIN_KEY: 'key', BACKENDS_TOKEN: 'token' };

/** Where a container of the image remembers, with that environment and file. */
function stateFolder(env: Readonly<Record<string, string>>, configFile: string): string {
  const loaded = loadConfig({
    env: { ...imageEnv, HOME: '/home/node', ...env, ...SECRETS },
    argv: ['--config', configFile],
    readFile: read,
  });
  if (loaded.kind !== 'loaded') throw new Error(JSON.stringify(loaded));
  return dirname(loaded.config.state);
}

const deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.tuple([
          z.object({
            env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
            volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
          }),
        ]),
      }),
    }),
  }),
});

const stack = z.object({
  services: z.object({
    scaler: z.object({ environment: z.record(z.string(), z.string()), volumes: z.array(z.string()) }),
  }),
});

describe('the deployed scaler', () => {
  it('remembers in its volume on Kubernetes', () => {
    const [first = ''] = read('deploy/kubernetes/scaler/scaler.yaml').split('\n---\n');
    const [{ env, volumeMounts }] = valuesOf(first, deployment).spec.template.spec.containers;
    const set = Object.fromEntries(env.flatMap(({ name, value }) => (value ? [[name, value]] : [])));
    const volume = volumeMounts.find(({ name }) => name === 'state');
    expect(stateFolder(set, 'deploy/kubernetes/scaler/config.yaml')).toBe(volume?.mountPath);
  });

  it('remembers in its volume on a Swarm', () => {
    const { environment, volumes } = valuesOf(read('docker-compose.cpu.yml'), stack).services.scaler;
    const { SCALER_STATE = '' } = environment;
    expect(volumes).toContain(`scaler-state:${stateFolder({ SCALER_STATE }, 'deploy/scaler.swarm.yaml')}`);
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL('../scaler/', import.meta.url));
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

/** The driver kubernetes wants to know its cluster when its options are checked; nobody calls it. */
const folder = mkdtempSync(join(tmpdir(), 'forebay-examples-'));
const KUBECONFIG = join(folder, 'kubeconfig');
writeFileSync(
  KUBECONFIG,
  JSON.stringify({
    'current-context': 'a',
    clusters: [{ name: 'a', cluster: { server: 'http://127.0.0.1:9' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    users: [{ name: 'a', user: {} }],
  }),
);
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `forebay-scaler`; rejects unless it ends with 0. */
const scaler = (...args: string[]) =>
  run(process.execPath, [fileURLToPath(import.meta.resolve('@forebay/scaler/main')), ...args], {
    env: { PATH: process.env.PATH, HOME: '/nowhere', KUBECONFIG },
  });

describe.each(files)('%s', (file) => {
  it('is a usable configuration', async () => {
    const { stdout, stderr } = await scaler('--config', `${FOLDER}${file}`, '--check-config');
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^# The configuration is usable/), '']);
    expect(stdout).not.toContain('# warning');
  });

  it('is found fault with by no rule of lint', async () => {
    expect((await scaler('lint', `${FOLDER}${file}`)).stdout).toBe('no findings in 1 file\n');
  });
});

it('shows each type of policy', async () => {
  const { stdout } = await scaler('--config', `${FOLDER}policies.yaml`, '--check-config');
  const shown = [...stdout.matchAll(/- type: (\S+)/g)].map(([, type]) => type);
  const { stdout: schema } = await scaler('schema');
  const known = policyTypes(JSON.parse(schema));
  expect(shown.filter((type) => type && known.includes(type)).sort()).toEqual([...known].sort());
});

/** The `type` of everything that a group's `policies` may hold. */
function policyTypes(schema: PolicySchema): readonly string[] {
  const { oneOf = [], anyOf = oneOf } = schema.properties.groups.items.properties.policies.items;
  return anyOf.map((policy) => policy.properties.type.const);
}

/** What we look at of a JSON schema. */
interface PolicySchema {
  readonly properties: {
    readonly groups: {
      readonly items: { readonly properties: { readonly policies: { readonly items: Choice } } };
    };
  };
}

interface Choice {
  readonly oneOf?: readonly { readonly properties: { readonly type: { readonly const: string } } }[];
  readonly anyOf?: Choice['oneOf'];
}

it('is refused where two groups scale the same', async () => {
  const file = join(folder, 'two.yaml');
  const group = (name: string) => ({ name, driverOptions: { service: 'embed_djl-cpu' } });
  writeFileSync(file, JSON.stringify({ driver: 'swarm', groups: [group('a'), group('b')] }));
  await expect(scaler('--config', file, '--check-config')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('groups a and b both scale Swarm service embed_djl-cpu') as string,
  });
});

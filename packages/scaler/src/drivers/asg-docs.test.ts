import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { lintText } from '../lint/lint-text.ts';
import { asgOptionsSchema } from './asg/asg-options.ts';
import { makeAsgDriver } from './make-asg-driver.ts';

const docs = readFileSync(new URL('../../../../docs/drivers/asg.md', import.meta.url), 'utf8');
const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(docs) ?? [];
const around = {
  pool: 'p',
  stateDir: '/s',
  env: {},
  clock: { nowMs: () => 0, sleep: async () => undefined },
  onEvent: () => undefined,
};

function groupsOf(text: string) {
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => text });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return loaded.config.groups;
}

it('has an example in docs/drivers/asg.md of which drivers can be made, and in which lint finds nothing', () => {
  expect(lintText(yaml, 'f.yaml')).toEqual({ kind: 'linted', findings: [] });
  expect(groupsOf(yaml).map((group) => makeAsgDriver(group, around).name)).toEqual(['asg', 'asg']);
});

it('has the defaults that docs/drivers/asg.md says', () => {
  const { autoScalingGroupName: _, ...defaults } = asgOptionsSchema.parse({ autoScalingGroupName: 'a' });
  for (const [option, value] of Object.entries(defaults)) {
    const row = docs
      .split('\n')
      .find((line) => line.startsWith('| ') && line.split('|')[1]?.includes(`\`${option}\``));
    expect([option, row?.split('|')[2]]).toEqual([option, expect.stringContaining(`\`${value}\``)]);
  }
});

it.each([
  ['no group', '{}', 'autoScalingGroupName: '],
  ['a misspelt option', '{autoScalingGroupName: a, prot: 1}', 'prot'],
  [
    'a period that AWS has not',
    '{autoScalingGroupName: a, metricPeriodSeconds: 90}',
    'metricPeriodSeconds: ',
  ],
  ['a password in the endpoint', "{autoScalingGroupName: a, endpoint: 'http://me:hush@aws'}", 'endpoint: '],
])('refuses %s', (_name, options, names) => {
  const [group] = groupsOf(`groups: [{ name: small, driver: asg, driverOptions: ${options} }]`);
  if (group === undefined) throw new Error('no group');
  expect(() => makeAsgDriver(group, around)).toThrow(
    expect.objectContaining({ code: 'SCALER_CONFIG', message: expect.stringContaining(names) }),
  );
});

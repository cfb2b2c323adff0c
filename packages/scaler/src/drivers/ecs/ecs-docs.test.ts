import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ecsOptionsSchema } from './ecs-options.ts';

const docs = readFileSync(new URL('../../../../../docs/drivers/ecs.md', import.meta.url), 'utf8');

it.each([...docs.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = '']) => [yaml]))(
  'has an example whose driver options can be read: %#',
  (yaml) => {
    const { groups } = parse(yaml) as { groups: { driverOptions: unknown }[] }; // as the file has them
    for (const { driverOptions } of groups) ecsOptionsSchema.parse(driverOptions);
    expect(groups.length).toBe(1);
  },
);

it('names each option with its default', () => {
  const { service: _, ...defaults } = ecsOptionsSchema.parse({ service: 'cpu' });
  const [, section = ''] = docs.split('\n## Options\n');
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) +\| ([^|]+?) +\|/gm)];
  const told = rows.flatMap(([, names = '', values = '']) => {
    const each = values.split(', ');
    return names.split(', ').map((name, i) => [name.slice(1, -1), each[i] ?? values]);
  });
  const all = Object.entries(defaults).map(([name, value]) => [name, `\`${value}\``]);
  const rules = "the SDK's rules";
  expect(Object.fromEntries(told)).toEqual({
    service: 'required',
    region: rules,
    endpoint: rules,
    ...Object.fromEntries(all),
  });
});

it.each([
  [{}, 'service'],
  [{ service: 'arn:aws:ecs:eu-west-1:1:service/embed/cpu' }, 'service'],
  [{ service: 'cpu', port: 0 }, 'port'],
  [{ service: 'cpu', path: 'predictions' }, 'path'],
  [{ service: 'cpu', endpoint: 'http://user:secret@aws' }, 'endpoint'],
  [{ service: 'cpu', desiredCount: 3 }, ''],
])('refuses %j', (options, field) => {
  expect(ecsOptionsSchema.safeParse(options).error?.issues.map(({ path }) => path.join('.'))).toEqual([
    field,
  ]);
});

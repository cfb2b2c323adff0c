import { expect, it } from 'vitest';
import { alarmsOf } from './alarms-of.ts';
import { loadConfig } from './config/load-config.ts';

function alarms(yaml: string) {
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return alarmsOf(loaded.config).map(({ name, group, comparison, threshold, webhook }) => ({
    name,
    group,
    rule: `${comparison} ${threshold}`,
    webhook,
  }));
}

it('makes one for each group that an alarm is about, each with its own webhook', () => {
  const yaml = `
groups: [{name: cpu}, {name: gpu}]
alarms:
  - {name: cpu, signal: cpu_percent, above: 80, webhook: "http://a/"}
  - {name: cpu-gpu, signal: cpu_percent, group: gpu, below: 5, webhook: "http://b/"}
`;
  expect(alarms(yaml)).toEqual([
    { name: 'cpu/cpu', group: 'cpu', rule: 'above 80', webhook: 'http://a/' },
    { name: 'cpu/gpu', group: 'gpu', rule: 'above 80', webhook: 'http://a/' },
    { name: 'cpu-gpu', group: 'gpu', rule: 'below 5', webhook: 'http://b/' },
  ]);
});

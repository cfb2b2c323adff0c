import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { NOTICE_KINDS } from '../notices/parse-notice.ts';
import { parseAgentOptions } from './agent-options.ts';

const docs = readFileSync(new URL('../../../../docs/hosts.md', import.meta.url), 'utf8');
const unit = readFileSync(new URL('../../../../deploy/forebay-agent.service', import.meta.url), 'utf8');

it('docs/hosts.md names every kind of notice, in its table and in its rule', () => {
  for (const kind of NOTICE_KINDS) {
    expect(docs).toContain(`| \`${kind}\``);
    expect(docs).toContain(`"${kind}"`);
  }
});

it('docs/hosts.md has examples that are what they say', () => {
  const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(docs) ?? [];
  expect(loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml })).toMatchObject({
    kind: 'loaded',
    config: { interruptionQueues: [{ url: expect.any(String) }] },
  });
  const lines = [...docs.matchAll(/forebay-scaler agent (--.*)$/gm)].map(([, line = '']) => line);
  lines.push(/forebay-scaler agent (--.*)$/m.exec(unit)?.[1] ?? '--none');
  for (const line of lines) {
    expect(parseAgentOptions(line.split(' '), { SCALER_URL: 'http://s' })).toMatchObject({ kind: 'run' });
  }
  expect(lines.length).toBe(3);
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseApiKeys } from './api-keys.ts';

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const entry = (extra = '') => `- sha256: "${hashOf('k1')}"\n  tenant: search\n${extra}`;

function problemsOf(text: string): readonly string[] {
  const read = parseApiKeys(text, 'keys.yaml');
  return read.kind === 'broken' ? read.problems : [];
}

function keysOf(text: string) {
  const read = parseApiKeys(text, 'keys.yaml');
  if (read.kind === 'broken') throw new Error(read.problems.join('\n'));
  return read;
}

describe('a keys file', () => {
  it('gives the key by what its bearer presents', () => {
    const keys = keysOf(
      `${entry()}- {sha256: ${hashOf('k2').toUpperCase()}, tenant: indexing, weight: 0.5, maxPriority: bulk, chunksPerSecond: 100, maxQueuedChunks: 5000}\n`,
    );
    expect(keys.find('k1')).toEqual({
      id: hashOf('k1').slice(0, 16),
      tenant: 'search',
      weight: 1,
      maxPriority: 'interactive',
    });
    expect(keys.find('k2')).toEqual({
      id: hashOf('k2').slice(0, 16),
      tenant: 'indexing',
      weight: 0.5,
      maxPriority: 'bulk',
      chunksPerSecond: 100,
      maxQueuedChunks: 5000,
    });
    expect(keys.keys).toHaveLength(2);
  });

  it.each(['k3', 'K1', 'k1 ', '', hashOf('k1')])('knows no key %j', (presented) => {
    expect(keysOf(entry()).find(presented)).toBeUndefined();
  });

  it('may be JSON', () => {
    expect(keysOf(JSON.stringify([{ sha256: hashOf('k1'), tenant: 'search' }])).find('k1')?.tenant).toBe(
      'search',
    );
  });

  it.each([
    ['an empty file', '', 'keys.yaml:1 the file must be a list of keys, at least one'],
    ['an empty list', '[]', 'keys.yaml:1 the file must be a list of keys, at least one'],
    ['a mapping', 'keys: []', 'keys.yaml:1 the file must be a list of keys, at least one'],
    ['a plain string as entry', '- abc', 'keys.yaml:1 [0] must be a mapping. An entry has sha256'],
    [
      'a key instead of its hash',
      '- tenant: a\n  sha256: secret-key',
      'keys.yaml:2 [0].sha256 must be the 64 hexadecimal digits',
    ],
    ['a missing hash', '- tenant: a', 'keys.yaml:1 [0].sha256 must be the 64 hexadecimal digits'],
    [
      'an unknown field',
      entry('  key: abc\n'),
      'keys.yaml:3 [0].key is not a field. An entry has sha256 and tenant',
    ],
    ['a missing tenant', `- sha256: "${hashOf('k1')}"`, 'keys.yaml:1 [0].tenant must be a name'],
    [
      'a tenant beyond ASCII',
      `- sha256: "${hashOf('k1')}"\n  tenant: Übung`,
      'keys.yaml:2 [0].tenant must be a name',
    ],
    ['a weight of 0', entry('  weight: 0\n'), 'keys.yaml:3 [0].weight must be a number from 0.001 to 1000'],
    [
      'an unknown priority',
      entry('  maxPriority: high\n'),
      'keys.yaml:3 [0].maxPriority must be one of interactive, default, bulk',
    ],
    ['no rate', entry('  chunksPerSecond: 0\n'), 'keys.yaml:3 [0].chunksPerSecond must be a number above 0'],
    [
      'half a chunk',
      entry('  maxQueuedChunks: 0.5\n'),
      'keys.yaml:3 [0].maxQueuedChunks must be an integer of at least 1',
    ],
    ['the same key twice', entry() + entry(), 'keys.yaml:3 [1].sha256 has an entry already'],
    ['no YAML', '- {', 'keys.yaml:1 is not YAML'],
  ])('is refused for %s, with line and field', (_name, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  it('never shows what stands in sha256', () => {
    expect(problemsOf('- {sha256: my-secret, tenant: a}').join()).not.toContain('my-secret');
  });

  it('reports all problems together', () => {
    expect(problemsOf('- {sha256: x, tenant: a, weight: -1}\n- {}')).toHaveLength(4);
  });
});

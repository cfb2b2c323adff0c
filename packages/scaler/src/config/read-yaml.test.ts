import { describe, expect, it } from 'vitest';
import { readYaml } from './read-yaml.ts';

describe('YAML', () => {
  it('knows the line of each value, or of what is around it', () => {
    const yaml = readYaml('# heading\na: 1\nb:\n  - c: 2\n    d: 3\n  - {e: 4}\n', 'f.yaml');
    if (yaml.kind === 'broken') throw new Error('broken');
    const paths = [[], ['a'], ['b'], ['b', 0], ['b', 0, 'd'], ['b', 1, 'e'], ['b', 1, 'missing'], ['b', 9]];
    expect(paths.map((path) => yaml.lineOf(path))).toEqual([2, 2, 3, 4, 5, 6, 6, 3]);
  });

  it('reads JSON', () => {
    expect(readYaml('[{"a": "é"}]', 'f.json')).toMatchObject({ kind: 'yaml', value: [{ a: 'é' }] });
  });

  it('is null when empty', () => {
    expect(readYaml('', 'f.yaml')).toMatchObject({ kind: 'yaml', value: null });
  });

  it.each([
    ['a: 1\nb: *nowhere\n', 'f.yaml:2 is not YAML'],
    ['a: 1\nb: [', 'f.yaml:2 is not YAML'],
    ['a: 1\na: 2', 'f.yaml:2 is not YAML'],
  ])('tells the line of each fault in %j', (text, problem) => {
    expect(readYaml(text, 'f.yaml')).toEqual({
      kind: 'broken',
      problems: [expect.stringContaining(problem)],
    });
  });
});

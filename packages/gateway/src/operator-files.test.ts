import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './config/load-config.ts';
import { readOperatorFiles } from './operator-files.ts';

const KEYS = `- sha256: "${hash('sha256', 'a key')}"\n  tenant: acme\n`;

function read(env: Record<string, string>, files: Record<string, string>, mode = 0o600) {
  const loaded = loadConfig({ env, readFile: () => '' });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  const text = (path: string) => {
    const found = files[path];
    if (found === undefined) throw new Error(`there is no ${path}`);
    return found;
  };
  return readOperatorFiles(loaded.config, { read: text, mode: () => mode });
}

const NAMED = { FOREBAY_API_KEYS_FILE: 'keys.yaml' };

describe('readOperatorFiles', () => {
  it('reads nothing where nothing is set', () => {
    const tls = { kind: 'tls', listener: undefined, backends: undefined };
    expect(read({}, {})).toEqual({ kind: 'files', apiKeys: undefined, tls, warnings: [] });
  });

  it('reads keys', () => {
    const files = read(NAMED, { 'keys.yaml': KEYS });
    expect(files.kind === 'files' && files.apiKeys?.find('a key')?.tenant).toBe('acme');
  });

  it.each([
    [0o600, []],
    [0o640, []],
    [0o644, [expect.stringMatching(/^FOREBAY_API_KEYS_FILE keys\.yaml .*mode 644.*chmod o= keys\.yaml$/)]],
  ])('says of the mode %o: %j', (mode, warnings) => {
    expect(read(NAMED, { 'keys.yaml': KEYS }, mode)).toMatchObject({ warnings });
  });

  it('names the variable and the file of what is not there', () => {
    expect(read(NAMED, {})).toEqual({
      kind: 'broken',
      problems: ['FOREBAY_API_KEYS_FILE keys.yaml cannot be read: there is no keys.yaml'],
    });
  });
});

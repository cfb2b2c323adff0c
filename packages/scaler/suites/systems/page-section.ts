import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A page of `docs/systems`, for `toMatchFileSnapshot`: its path, and its text with `content` between `<!-- NAME -->` and the next `<!-- end -->`. */
export function pageSection(
  page: string,
  name: string,
  content: string,
): { readonly path: string; readonly text: string } {
  const path = fileURLToPath(new URL(`../../../../docs/systems/${page}`, import.meta.url));
  const text = readFileSync(path, 'utf8');
  const begin = text.indexOf(`<!-- ${name} -->`);
  const end = text.indexOf('<!-- end -->', begin);
  if (begin < 0 || end < 0) throw new Error(`${page} has no section ${name}`);
  return { path, text: `${text.slice(0, begin)}<!-- ${name} -->\n\n${content}\n\n${text.slice(end)}` };
}

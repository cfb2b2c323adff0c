// Copies the examples into README.md, between `<!-- example: FILE -->` and `<!-- /example -->`.
// Usage: node scripts/readme-examples.mjs [--check]; with --check it only says whether they are the same.
import { readFileSync, writeFileSync } from 'node:fs';

const readme = readFileSync('README.md', 'utf8');
const filled = readme.replaceAll(
  /(<!-- example: (\S+) -->\n)[\s\S]*?(<!-- \/example -->)/g,
  (_, open, file, close) => {
    const code = readFileSync(`examples/${file}`, 'utf8').trim();
    return `${open}\`\`\`ts\n${code}\n\`\`\`\n${close}`;
  },
);

if (filled === readme) process.exit(0);
if (process.argv.includes('--check')) {
  process.stderr.write('README.md differs from its examples: run node scripts/readme-examples.mjs\n');
  process.exit(1);
}
writeFileSync('README.md', filled);

// Embeds a file line by line through a gateway and keeps what came well where the model refuses a line.
// Run: GATEWAY_URL=http://127.0.0.1:8080 node examples/partial-answers.ts README.md > vectors.jsonl
import { readFileSync } from 'node:fs';

interface PartialAnswer {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] | null }[];
  /** Left out where nothing failed. */
  readonly errors?: readonly { readonly index: number; readonly message: string; readonly code: string }[];
}

const { GATEWAY_URL = 'http://127.0.0.1:8080' } = process.env;
const [path = 'README.md'] = process.argv.slice(2);
const input = readFileSync(path, 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '');

const response = await fetch(`${GATEWAY_URL}/v1/embeddings`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-forebay-partial': 'true' },
  body: JSON.stringify({ model: 'all-MiniLM-L6-v2', input }),
});
// Also where every line failed.
if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);

const { data, errors = [] } = (await response.json()) as PartialAnswer; // as the gateway documents it
for (const { index, embedding } of data) {
  if (embedding) process.stdout.write(`${JSON.stringify({ index, vector: embedding })}\n`);
}
for (const { code, message } of errors) console.error(`${code}: ${message}`);
console.error(`${input.length - errors.length} of ${input.length} lines have their vector`);

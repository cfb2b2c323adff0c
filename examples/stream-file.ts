// Embeds a file line by line in bounded memory and writes one JSON object a line.
// Run: DJL_URLS=http://127.0.0.1:8080/predictions/all-MiniLM-L6-v2 node examples/stream-file.ts README.md > vectors.jsonl
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { EmbedderPool } from '@forebay/pool-client';

const [path = 'README.md'] = process.argv.slice(2);
await using pool = EmbedderPool.fromEnv();
const lines = createInterface({ input: createReadStream(path) });
for await (const item of pool.encodeStream(lines, { priority: 'bulk', onError: 'yield' })) {
  const line =
    'vector' in item
      ? { index: item.index, vector: item.vector }
      : { index: item.index, error: item.error.message };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

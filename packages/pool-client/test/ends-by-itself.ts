// A program that uses a pool in every way and closes it: it must end by itself.
import { EmbedderPool } from '@forebay/pool-client';

const [url = '', folder = ''] = process.argv.slice(2);
const pool = new EmbedderPool({ backends: [url], backendsFile: `${folder}/none.json`, backendsUrl: url });
await pool.ready();
const vectors = await pool.encode(['a', 'b']);
for await (const { index } of pool.encodeStream(['c', 'd', 'e'])) if (index === 1) break;
const stuck = pool.encode(['late']).catch(({ code }) => code);
await pool.close();
process.stdout.write(`${vectors.length} ${await stuck}\n`);

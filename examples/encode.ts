// Embeds three texts over the pool and prints how alike they are.
// Run: DJL_URLS=http://127.0.0.1:8080/predictions/all-MiniLM-L6-v2 node examples/encode.ts
import { EmbedderPool } from '@forebay/pool-client';

await using pool = EmbedderPool.fromEnv();
const texts = ['How do I reset my password?', 'I forgot my login.', 'The dam feeds four turbines.'];
const [question, login, dam] = await pool.encode(texts, { output: 'float32' });

console.log(`question ~ login: ${cosine(question, login).toFixed(3)}`);
console.log(`question ~ dam:   ${cosine(question, dam).toFixed(3)}`);

function cosine(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  let dot = 0;
  for (let i = 0; i < a.length; i += 1) dot += (a[i] ?? 0) * (b[i] ?? 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

import { EmbedderPool } from '@forebay/pool-client';
import { describe, expect, it } from 'vitest';
import {
  chunkSums,
  MODEL,
  poolErrorOf,
  startBackend,
  startPool,
  startProvenPool,
  textsOf,
  until,
} from './rig.ts';

describe('closing', () => {
  it('rejects what is open, queued or sent, and everything after', async () => {
    const backend = await startBackend();
    const { pool, events } = await startProvenPool([backend]);
    backend.setFault({ kind: 'hang' });
    const errors = [
      poolErrorOf(pool.encode(textsOf(100))),
      poolErrorOf(pool.encode(['a'], { priority: 'bulk' })),
    ];
    await until(() => backend.counters.hung > 0);
    await Promise.all([pool.close(), pool.close()]);
    for (const error of await Promise.all(errors)) expect(error.code).toBe('POOL_CLOSED');
    expect(chunkSums(events)).toEqual({ accepted: 101, ok: 0, error: 0, cancelled: 101 });
    for (const late of [pool.encode(['late']), pool.ready(), pool.admin.add(backend.djlUrl)]) {
      expect((await poolErrorOf(late)).code).toBe('POOL_CLOSED');
    }
    expect(await pool.encode([])).toEqual([]);
  });

  it('ends those who wait for readiness', async () => {
    const { pool } = startPool({ models: [MODEL] });
    const error = poolErrorOf(pool.ready());
    await pool.close();
    expect((await error).code).toBe('POOL_CLOSED');
  });

  it('closes its connections, also before it ever began', async () => {
    const backend = await startBackend();
    const { pool } = await startProvenPool([backend]);
    await pool.encode(textsOf(100));
    expect(backend.counters.openSockets).toBeGreaterThan(0);
    await pool.close();
    await until(() => backend.counters.openSockets === 0);
    await new EmbedderPool({ backends: [backend.djlUrl] }).close();
  });
});

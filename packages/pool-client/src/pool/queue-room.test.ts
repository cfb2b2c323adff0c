import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QueueVerdict, queueRoom } from './queue-room.ts';
import { Tenants } from './tenants.ts';

const bounds = { chunks: 100, bytes: 1_000 };
const amount = (chunks: number, bytes = chunks) => ({ chunks, bytes });

describe('queueRoom', () => {
  it.each<[string, number, number, number, boolean, QueueVerdict]>([
    ['lets a first request have the whole queue', 0, 0, 100, false, 'ok'],
    ['lets a first request have it though others call too', 0, 0, 100, true, 'ok'],
    ['never lets in what is larger', 0, 0, 101, false, 'too-large'],
    ['lets in what just fits', 60, 60, 40, false, 'ok'],
    ['refuses what does not', 61, 61, 40, false, 'queue-full'],
    ['lets one tenant fill four fifths beside others', 79, 79, 1, true, 'ok'],
    ['refuses it more', 80, 80, 1, true, 'tenant-share'],
    ['keeps room for the next', 80, 0, 20, true, 'ok'],
    ['lets one alone have more', 80, 80, 20, false, 'ok'],
  ])('%s', (_fact, queued, own, added, others, expected) => {
    expect(queueRoom(bounds, amount(queued), amount(own), amount(added), others)).toBe(expected);
  });

  it('counts bytes alike', () => {
    expect(queueRoom(bounds, amount(1, 900), amount(1, 900), amount(1, 101), false)).toBe('queue-full');
    expect(queueRoom(bounds, amount(1, 900), amount(1, 900), amount(1, 50), true)).toBe('tenant-share');
    expect(queueRoom(bounds, amount(0), amount(0), amount(1, 1_001), false)).toBe('too-large');
  });

  it('never lets the queue grow over its bounds, and leaves room for a tenant that comes', () => {
    const requests = fc.array(fc.record({ tenant: fc.nat(3), chunks: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(requests, (sequence) => {
        const own = [0, 0, 0, 0];
        for (const { tenant, chunks } of sequence) {
          const queued = own.reduce((sum, one) => sum + one, 0);
          const had = own[tenant] ?? 0;
          if (queueRoom(bounds, amount(queued), amount(had), amount(chunks), true) !== 'ok') continue;
          own[tenant] = had + chunks;
          expect(queued + chunks).toBeLessThanOrEqual(bounds.chunks);
        }
        const queued = own.reduce((sum, one) => sum + one, 0);
        expect(queueRoom(bounds, amount(queued), amount(0), amount(1), true)).toBe('ok');
      }),
      { seed: 20_260_203 },
    );
  });
});

describe('Tenants', () => {
  it('are others for a minute after their last call', () => {
    const tenants = new Tenants();
    expect(tenants.seen('a', 0)).toBe(false);
    expect(tenants.seen('a', 10)).toBe(false);
    expect(tenants.seen('b', 20)).toBe(true);
    expect(tenants.seen('a', 30)).toBe(true);
    expect(tenants.seen('b', 60_030)).toBe(true);
    expect(tenants.seen('b', 60_031)).toBe(false);
  });

  it('have the weight of the list, else that of their key, else 1', () => {
    const tenants = new Tenants();
    expect([tenants.weightOf('a', undefined), tenants.weightOf('a', 5)]).toEqual([1, 5]);
    tenants.follow([{ id: 'a', weight: 3 }]);
    expect([tenants.weightOf('a', undefined), tenants.weightOf('a', 5)]).toEqual([3, 3]);
    tenants.follow([]);
    expect(tenants.weightOf('a', 5)).toBe(5);
  });
});

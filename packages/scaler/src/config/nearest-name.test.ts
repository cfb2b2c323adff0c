import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

const names = ['port', 'host', 'maxQueuedChunks', 'maxQueuedBytes', 'forebayApiKeysFile'];

describe('the nearest name', () => {
  it.each([
    ['prot', 'port'],
    ['maxqueuedchunk', 'maxQueuedChunks'],
    ['MAX_QUEUED_BYTES', 'maxQueuedBytes'],
    ['max-queued-byte', 'maxQueuedBytes'],
    ['apiKeysFile', 'forebayApiKeysFile'],
    ['zebra', undefined],
    ['', undefined],
  ])('to %j is %s', (name, nearest) => {
    expect(nearestName(name, names)).toBe(nearest);
  });
});

import type { SimulatedBackendOptions } from '@forebay/testing';
import { expect, it } from 'vitest';
import { longCanary, shortCanaries } from '../src/identity/canary-texts.ts';
import { compareFingerprints } from '../src/identity/compare-fingerprints.ts';
import { type Fingerprint, fingerprintOf } from '../src/identity/fingerprint.ts';
import { startBackend } from './rig.ts';

async function fingerprintBy(options: SimulatedBackendOptions): Promise<Fingerprint> {
  const { djlUrl } = await startBackend(options);
  const embed = async (inputs: readonly string[]): Promise<number[][]> => {
    const body = JSON.stringify({ inputs });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(djlUrl, { method: 'POST', headers, body });
    return response.json() as Promise<number[][]>; // as DJL answers a list
  };
  const [long = []] = await embed([longCanary]);
  return fingerprintOf(await embed(shortCanaries), long);
}

const truncation = /^embeds unlike gpu-1: other truncation: equal on short texts, cosine -?0\.\d+ on one/;

it.each<[string, SimulatedBackendOptions, SimulatedBackendOptions, RegExp]>([
  ['another model', {}, { weights: 'other' }, /^embeds unlike gpu-1: cosine -?0\.\d+ over ".*another model/],
  ['other dimensions', {}, { dimensions: 768 }, /^embeds unlike gpu-1: 768 dimensions against 384$/],
  ['a truncation at 128 against none', {}, { maxTokens: 128 }, truncation],
  ['a truncation at 512 against none', {}, { maxTokens: 512 }, truncation],
  ['a truncation at 128 against 256', { maxTokens: 256 }, { maxTokens: 128 }, truncation],
  ['a truncation at 256 against 512', { maxTokens: 512 }, { maxTokens: 256 }, truncation],
])('canaries show %s', async (_what, one, other, message) => {
  const [reference, fingerprint] = [await fingerprintBy(one), await fingerprintBy(other)];
  expect(compareFingerprints(fingerprint, reference, 'gpu-1')).toMatchObject({
    kind: 'different',
    message: expect.stringMatching(message),
  });
});

it('canaries find two servers of the same model alike', async () => {
  const [one, other] = [await fingerprintBy({ maxTokens: 128 }), await fingerprintBy({ maxTokens: 128 })];
  expect(compareFingerprints(one, other, 'gpu-1')).toEqual({ kind: 'same', cosine: 1 });
});

import { expect, it } from 'vitest';
import { LazyClient } from './lazy-client.ts';

const live = new AbortController().signal;

/** An SDK that counts how often it is opened and destroyed. */
function sdk() {
  const counts = { opened: 0, destroyed: 0 };
  const client = new LazyClient(async () => {
    counts.opened += 1;
    const destroy = () => {
      counts.destroyed += 1;
    };
    return { client: { destroy } };
  });
  return { counts, client };
}

it('opens the SDK at the first call, once, and destroys it once it is closed', async () => {
  const { counts, client } = sdk();
  expect(counts.opened).toBe(0);
  await Promise.all([client.call('a', live, async () => 1), client.call('b', live, async () => 2)]);
  await client.close();
  expect(counts).toEqual({ opened: 1, destroyed: 1 });
});

it('opens nothing to be closed, and nothing for a call that is given up already', async () => {
  const { counts, client } = sdk();
  await expect(client.call('a', AbortSignal.abort(), async () => 1)).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
  });
  await client.close();
  expect(counts).toEqual({ opened: 0, destroyed: 0 });
});

it('gives a call up when it is told to, though the SDK heeds no signal', async () => {
  const stop = new AbortController();
  const call = sdk().client.call('listing', stop.signal, () => new Promise(() => undefined));
  stop.abort(new Error('no answer within 10 s'));
  await expect(call).rejects.toMatchObject({ retryable: true, message: 'listing: no answer within 10 s' });
});

it('names what failed, and a package that is missing', async () => {
  const failing = new LazyClient(() => Promise.reject(new Error('Cannot find package @aws-sdk/client-x')));
  await expect(failing.call('listing', live, async () => 1)).rejects.toMatchObject({
    message: 'listing: Error: Cannot find package @aws-sdk/client-x',
  });
  await failing.close();
});

import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { metadataEndpoint, openInstanceMetadata } from './instance-metadata.ts';
import { startMetadataStub } from './metadata-stub.test-support.ts';

const live = new AbortController().signal;

it('says who and where the instance is, with one session token for all', async () => {
  await using stub = await startMetadataStub({
    'instance-id': 'i-0123456789abcdef0',
    'placement/region': 'eu-west-1',
    'tags/instance/Conf Secret': 'forebay/prod',
  });
  const metadata = openInstanceMetadata({ endpoint: stub.url, clock: new ManualClock() });
  expect(await metadata.instanceId(live)).toBe('i-0123456789abcdef0');
  expect(await metadata.region(live)).toBe('eu-west-1');
  expect(await metadata.tag('Conf Secret', live)).toBe('forebay/prod');
  expect(await metadata.tag('Other', live)).toBe(undefined);
  expect(stub.tokens()).toBe(1);
});

it('renews its token before its end, and at once when it is refused', async () => {
  await using stub = await startMetadataStub({ 'instance-id': 'i-1' });
  const clock = new ManualClock();
  const metadata = openInstanceMetadata({ endpoint: stub.url, clock });
  await metadata.instanceId(live);
  await clock.advance(21_600_000 - 300_001);
  await metadata.instanceId(live);
  expect(stub.tokens()).toBe(1);
  await clock.advance(1);
  await metadata.instanceId(live);
  expect(stub.tokens()).toBe(2);
  stub.forgetTokens();
  expect(await metadata.instanceId(live)).toBe('i-1');
  expect(stub.tokens()).toBe(3);
});

it('says what AWS is about to do, and what it advises', async () => {
  await using stub = await startMetadataStub();
  const metadata = openInstanceMetadata({ endpoint: stub.url, clock: new ManualClock() });
  expect([await metadata.spotAction(live), await metadata.rebalanceAdvisedAtMs(live)]).toEqual([
    undefined,
    undefined,
  ]);
  stub.values.set('spot/instance-action', '{"action": "terminate", "time": "2027-01-15T08:02:00Z"}');
  stub.values.set('events/recommendations/rebalance', '{"noticeTime": "2027-01-15T07:50:00Z"}');
  expect([await metadata.spotAction(live), await metadata.rebalanceAdvisedAtMs(live)]).toEqual([
    { action: 'terminate', atMs: Date.UTC(2027, 0, 15, 8, 2) },
    Date.UTC(2027, 0, 15, 7, 50),
  ]);
});

it('says where it asked and what came back when that is of no use', async () => {
  await using stub = await startMetadataStub({ 'spot/instance-action': '{"action": "dance"}' });
  const metadata = openInstanceMetadata({ endpoint: stub.url, clock: new ManualClock() });
  await expect(metadata.spotAction(live)).rejects.toMatchObject({
    code: 'SCALER_DRIVER_FAILED',
    retryable: true,
    message: expect.stringContaining(`${stub.url}/latest/meta-data/spot/instance-action: it answered`),
  });
  await expect(metadata.instanceId(live)).rejects.toThrow('it has none');
});

it('waits two seconds for an answer, as where the hop limit drops it, and no longer than its caller', async () => {
  await using stub = await startMetadataStub({ 'instance-id': 'i-1' });
  stub.answers = false;
  const clock = new ManualClock();
  const metadata = openInstanceMetadata({ endpoint: stub.url, clock });
  const late = expect(metadata.instanceId(live)).rejects.toThrow(
    /no answer within 2000 ms; .* hop limit 2 or more/,
  );
  await clock.advance(2_000);
  await late;
  const caller = new AbortController();
  const given = expect(metadata.instanceId(caller.signal)).rejects.toThrow('enough');
  caller.abort(new Error('enough'));
  await given;
  expect(clock.pendingSleeps).toBe(0);
});

it('goes where the SDKs’ variables say', () => {
  expect(metadataEndpoint({})).toBe(undefined);
  expect(metadataEndpoint({ AWS_EC2_METADATA_SERVICE_ENDPOINT: ' http://127.0.0.1:1338/ ' })).toBe(
    'http://127.0.0.1:1338',
  );
  expect(metadataEndpoint({ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv6' })).toBe('http://[fd00:ec2::254]');
});

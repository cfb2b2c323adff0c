import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { motoUnderTest } from '../../../../rigs/moto/moto-under-test.ts';
import { driverContract } from '../../src/drivers/driver-contract.test-support.ts';
import { ec2OnMoto, makeTemplate } from './ec2-on-moto.ts';

const moto = await motoUnderTest();
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

describe.skipIf(moto.kind === 'unavailable')('EC2 on moto', () => {
  beforeAll(() => makeTemplate(moto));
  afterAll(() => moto.close());
  const abilities = { showsStarting: true, knowsUrls: true };
  driverContract('ec2', async () => ec2OnMoto(moto), abilities);
  driverContract('spot-first ec2', async () => ec2OnMoto(moto, { purchase: 'spot-first' }), abilities);

  it('buys spot as spot, writes its tags in the same call, and takes types over the template’s', async () => {
    const rig = ec2OnMoto(moto, {
      purchase: 'spot',
      instanceTypes: ['c6g.4xlarge'],
      tags: { team: 'search' },
    });
    const signal = AbortSignal.timeout(10_000);
    await rig.driver().scale({ group: 'cpu', desired: 1, launch: ['a'], remove: [] }, signal);
    const { instances } = await rig.api.describePage(
      { 'forebay:replica': 'a', 'forebay:pool': rig.pool },
      undefined,
      signal,
    );
    expect(instances).toMatchObject([
      {
        spot: true,
        state: 'running',
        privateAddress: expect.stringMatching(/^\d+\./),
        tags: { team: 'search', 'forebay:purchase': 'spot', Name: 'a' },
      },
    ]);
    await rig.close();
  });

  it('says what AWS says about an subnet that doesn’t exist', async () => {
    const rig = ec2OnMoto(moto, { subnetIds: ['subnet-0123456789abcdef0'] });
    const order = rig
      .driver()
      .scale({ group: 'cpu', desired: 1, launch: ['a'], remove: [] }, AbortSignal.timeout(10_000));
    await expect(order).rejects.toMatchObject({
      code: 'SCALER_DRIVER_FAILED',
      retryable: false,
      message: expect.stringMatching(
        /^launching host "a" from template forebay-embedder version \$Latest: InvalidSubnetID.NotFound: /,
      ),
    });
    await rig.close();
  });

  it('ends the others when EC2 doesn’t know one', async () => {
    const rig = ec2OnMoto(moto);
    const driver = rig.driver();
    const signal = AbortSignal.timeout(10_000);
    await driver.scale({ group: 'cpu', desired: 2, launch: ['a', 'b'], remove: [] }, signal);
    const unknown = ['i-0123456789abcdef0', 'never'];
    await driver.scale({ group: 'cpu', desired: 0, launch: [], remove: ['a', ...unknown, 'b'] }, signal);
    expect(await driver.list('cpu', signal)).toEqual([]);
    await expect(rig.api.terminate(['i-0123456789abcdef0'], signal)).rejects.toMatchObject({
      message: expect.stringContaining('InvalidInstanceID.NotFound'),
    });
    await rig.close();
  });

  // The last: moto is slow with so many.
  it('shows 600 hosts, and ends them', async () => {
    const rig = ec2OnMoto(moto);
    const driver = rig.driver();
    const launch = Array.from({ length: 600 }, (_, index) => `r${index}`);
    const deadline = () => AbortSignal.timeout(200_000);
    await driver.scale({ group: 'cpu', desired: 600, launch, remove: [] }, deadline());
    const later = rig.driver();
    const first = await rig.api.describePage({ 'forebay:pool': rig.pool }, undefined, deadline());
    expect([first.instances.length, first.nextToken === undefined]).toEqual([500, false]);
    expect((await later.list('cpu', deadline())).map(({ id }) => id).toSorted()).toEqual(launch.toSorted());
    await later.scale({ group: 'cpu', desired: 0, launch: [], remove: launch }, deadline());
    expect(await later.list('cpu', deadline())).toEqual([]);
    await rig.close();
  }, 300_000);
});

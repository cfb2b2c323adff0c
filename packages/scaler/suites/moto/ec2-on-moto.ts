import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Ec2Api, Ec2Instance } from '../../src/aws/ec2-api.ts';
import { openEc2Api } from '../../src/aws/open-ec2-api.ts';
import { systemClock } from '../../src/clock.ts';
import type { DriverRig } from '../../src/drivers/driver-contract.test-support.ts';
import type { Ec2HostOptions } from '../../src/drivers/ec2/ec2-driver-options.ts';
import { HOST_OPTIONS } from '../../src/drivers/ec2/ec2-rig.test-support.ts';
import { Ec2Driver } from '../../src/drivers/ec2-driver.ts';

/** One of those that moto knows from its start. */
const IMAGE = 'ami-12c6146b';

export const TEMPLATE = 'forebay-embedder';

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

/** Moto and EC2 drivers over it. */
export interface Ec2OnMoto extends DriverRig {
  readonly pool: string;
  /** The real client, for what a test looks at itself. */
  readonly api: Ec2Api;
  driver(options?: Partial<Ec2HostOptions>): Ec2Driver;
}

interface Moto {
  readonly endpoint: string;
  readonly region: string;
}

/** Far longer than one look at a group takes. */
const STARTUP_MS = 50;

let pools = 0;

/** Makes the launch template that all tests use. */
export async function makeTemplate({ endpoint, region }: Moto): Promise<void> {
  const client = new EC2Client({ endpoint, region });
  const LaunchTemplateData = { ImageId: IMAGE, InstanceType: 't3.large' as const };
  await client.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: TEMPLATE, LaunchTemplateData }));
  client.destroy();
}

/**
 * A pool of its own on moto. Two things stand in for EC2 where moto differs: moto takes no notice of client tokens, so they are honoured here; and its instances have no
 * sockets, so a host answers a moment after it was asked for the first time.
 */
export function ec2OnMoto(moto: Moto, options: Partial<Ec2HostOptions> = {}): Ec2OnMoto {
  pools += 1;
  const pool = `pool-${process.pid}-${pools}`;
  const real = openEc2Api(moto);
  const nowhere = openEc2Api({ ...moto, endpoint: NOWHERE });
  const tokens = new Map<string, Promise<Ec2Instance>>();
  const asked = new Map<string, number>();
  const drivers: Ec2Driver[] = [];
  let current = real;
  const api: Ec2Api = {
    async runInstance(request, signal) {
      signal.throwIfAborted();
      const { clientToken } = request;
      const instance = tokens.get(clientToken) ?? current.runInstance(request, signal);
      tokens.set(clientToken, instance);
      instance.catch(() => tokens.delete(clientToken));
      return instance;
    },
    describePage: (...args) => current.describePage(...args),
    terminate: (...args) => current.terminate(...args),
    close: async () => undefined,
  };
  return {
    pool,
    api,
    groups: ['cpu', 'gpu'],
    driver(more = {}) {
      const driver = new Ec2Driver({
        api,
        clock: systemClock,
        options: { ...ON_MOTO, pool, ...options, ...more },
        ping: async (healthUrl) => {
          const firstAtMs = asked.get(healthUrl) ?? systemClock.nowMs();
          asked.set(healthUrl, firstAtMs);
          return systemClock.nowMs() - firstAtMs >= STARTUP_MS;
        },
        onEvent: () => undefined,
      });
      drivers.push(driver);
      return driver;
    },
    pass: () => systemClock.sleep(10),
    async cutOff() {
      current = nowhere;
    },
    async close() {
      await Promise.all([...drivers, real, nowhere].map((each) => each.close()));
    },
  };
}

const ON_MOTO: Ec2HostOptions = { ...HOST_OPTIONS, launchTemplate: { name: TEMPLATE, version: '$Latest' } };

import { ManualClock } from '@forebay/testing';
import type { Driver, DriverEvent } from '../driver.ts';
import type { DriverRig } from '../driver-contract.test-support.ts';
import { Ec2Driver } from '../ec2-driver.ts';
import type { Ec2HostOptions } from './ec2-driver-options.ts';
import { addressOf, FakeEc2, type FakeEc2Options } from './fake-ec2.test-support.ts';

/** A fake EC2, drivers over it, and hosts that answer `startupMs` after they run. */
export interface FakeEc2Rig extends DriverRig {
  readonly ec2: FakeEc2;
  readonly clock: ManualClock;
  readonly events: readonly DriverEvent[];
  /** Addresses of hosts that don't answer any more. */
  readonly silent: Set<string>;
  driver(options?: Partial<Ec2HostOptions>): Ec2Driver;
}

export const HOST_OPTIONS: Ec2HostOptions = {
  pool: 'embedders',
  launchTemplate: { name: 'embedder', version: '$Default' },
  instanceTypes: [],
  subnetIds: [],
  tags: {},
  purchase: 'on-demand',
  spotRetrySeconds: 300,
  spotTrialSeconds: 1_800,
  address: 'private',
  port: 8080,
  path: '/predictions/all-MiniLM-L6-v2',
  healthPath: '/ping',
  readiness: 'probe',
  unhealthyAfterProbes: 3,
  unknownHosts: 'end',
  listGraceSeconds: 60,
};

/** Probes are answered by a rule, since the fake's hosts have no sockets. */
export function fakeEc2Rig(
  platform: Omit<FakeEc2Options, 'clock'> & { readonly startupMs?: number } = {},
  options: Partial<Ec2HostOptions> = {},
): FakeEc2Rig {
  const { startupMs = 0, ...rest } = platform;
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const ec2 = new FakeEc2({ clock, ...rest });
  const drivers: Driver[] = [];
  const events: DriverEvent[] = [];
  const silent = new Set<string>();
  const { pendingMs = 0 } = platform;
  const answers = (healthUrl: string) => {
    const { hostname, port, pathname } = new URL(healthUrl);
    const host = ec2.living().find(({ instanceId }) => hostname === addressOf(instanceId));
    if (host === undefined || port !== '8080' || pathname !== '/ping' || silent.has(hostname)) return false;
    return clock.nowMs() - host.launchedAtMs >= pendingMs + startupMs;
  };
  return {
    ec2,
    clock,
    events,
    silent,
    groups: ['cpu', 'gpu'],
    driver(more = {}) {
      const driver = new Ec2Driver({
        api: ec2.api(),
        clock,
        options: { ...HOST_OPTIONS, ...options, ...more },
        ping: async (healthUrl) => answers(healthUrl),
        onEvent: (event) => events.push(event),
      });
      drivers.push(driver);
      return driver;
    },
    pass: () => clock.advance(1_000),
    async cutOff() {
      for (const call of ['run', 'describe', 'terminate'] as const) {
        ec2.script(
          call,
          ...Array.from({ length: 10 }, () => ({
            kind: 'refused' as const,
            name: 'InternalError',
            httpStatusCode: 500,
          })),
        );
      }
    },
    async close() {
      await Promise.all(drivers.map((driver) => driver.close()));
    },
  };
}

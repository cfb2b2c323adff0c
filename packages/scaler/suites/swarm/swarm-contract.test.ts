import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { enginePaths } from '../../../../rigs/swarm/engine.ts';
import { type DriverRig, driverContract } from '../../src/drivers/driver-contract.test-support.ts';
import type { SwarmDriver } from '../../src/drivers/swarm-driver.ts';
import { cuttableSocket } from './cuttable-socket.ts';
import { describeOnSwarm, swarmDriver } from './swarm-under-test.ts';
import { createService, removeServices } from './test-services.ts';

describeOnSwarm('on a real Swarm', () => {
  driverContract('swarm', emptyServices, { showsStarting: true, knowsUrls: true });
});

let rigs = 0;

async function emptyServices(): Promise<DriverRig> {
  rigs += 1;
  const run = `contract-${process.pid}-${rigs}`;
  const groups = ['cpu', 'gpu'] as const;
  const services = groups.map((group) => `${run}-${group}`);
  for (const service of services) await createService(service, 0);
  const { folder, socket } = enginePaths();
  const proxy = await cuttableSocket(join(folder, `${run}.sock`), socket);
  const drivers: SwarmDriver[] = [];
  return {
    groups,
    driver() {
      const driver = swarmDriver(proxy.path, { serviceOf: (group) => `${run}-${group}` });
      drivers.push(driver);
      return driver;
    },
    pass: () => sleepFor(50),
    cutOff: () => proxy.cut(),
    async close() {
      await Promise.all(drivers.map((driver) => driver.close()));
      await proxy.cut();
      await removeServices(services);
    },
  };
}

import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { afterAll, beforeAll, describe } from 'vitest';
import { enginePaths } from '../../../../rigs/swarm/engine.ts';
import { importPlainImage } from '../../../../rigs/swarm/plain-image.ts';
import { swarmRig } from '../../../../rigs/swarm.ts';
import { systemClock } from '../../src/clock.ts';
import { type DriverRig, driverContract } from '../../src/drivers/driver-contract.test-support.ts';
import { JsonHttp } from '../../src/drivers/json-http.ts';
import { EngineApi } from '../../src/drivers/swarm/engine-api.ts';
import { SwarmDriver } from '../../src/drivers/swarm-driver.ts';
import { cuttableSocket } from './cuttable-socket.ts';
import { createService, removeServices } from './test-services.ts';

const installed = await swarmRig.install();
if (installed.kind === 'unavailable') process.stderr.write(`No Swarm here: ${installed.because}\n`);

describe.skipIf(installed.kind === 'unavailable')('on a real Swarm', () => {
  let ours = false;
  beforeAll(async () => {
    ours = (await swarmRig.status()) === undefined;
    await swarmRig.start();
    await importPlainImage();
  });
  afterAll(async () => {
    if (ours) await swarmRig.stop();
  });

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
      const http = new JsonHttp({ baseUrl: `unix://${proxy.path}`, platform: 'Docker Engine' });
      const driver = new SwarmDriver({
        engine: new EngineApi(http),
        engines: {},
        serviceOf: (group) => `${run}-${group}`,
        url: { template: 'http://{nodeAddress}:1808{slot}/predictions/m', port: 8080, path: '/' },
        clock: systemClock,
      });
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

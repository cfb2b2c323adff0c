import { afterAll, beforeAll, describe } from 'vitest';
import { importPlainImage } from '../../../../rigs/swarm/plain-image.ts';
import { swarmRig } from '../../../../rigs/swarm.ts';
import { systemClock } from '../../src/clock.ts';
import { JsonHttp } from '../../src/drivers/json-http.ts';
import { EngineApi } from '../../src/drivers/swarm/engine-api.ts';
import { SwarmDriver, type SwarmDriverOptions } from '../../src/drivers/swarm-driver.ts';

const installed = await swarmRig.install();
if (installed.kind === 'unavailable') process.stderr.write(`No Swarm here: ${installed.because}\n`);

/** Tests with the rig, which is ended if it didn't run before; skipped, and counted, where there can be none. */
export function describeOnSwarm(name: string, tests: () => void): void {
  describe.skipIf(installed.kind === 'unavailable')(name, () => {
    let ours = false;
    beforeAll(async () => {
      ours = (await swarmRig.status()) === undefined;
      await swarmRig.start();
      await importPlainImage();
    });
    afterAll(async () => {
      if (ours) await swarmRig.stop();
    });
    tests();
  });
}

/** Over the Engine at a socket; a group is the service of its name unless `options` say otherwise. */
export function swarmDriver(socketPath: string, options: Partial<SwarmDriverOptions> = {}): SwarmDriver {
  const http = new JsonHttp({ baseUrl: `unix://${socketPath}`, platform: 'Docker Engine' });
  return new SwarmDriver({
    engine: new EngineApi(http),
    engines: {},
    serviceOf: (group) => group,
    url: { template: 'http://{nodeAddress}:1808{slot}/predictions/m', port: 8080, path: '/' },
    clock: systemClock,
    ...options,
  });
}

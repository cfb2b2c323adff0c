import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { docker, engineEnv, enginePaths, waitFor } from '../../../../rigs/swarm/engine.ts';
import { PLAIN_IMAGE } from '../../../../rigs/swarm/plain-image.ts';
import { run } from '../../../../rigs/swarm/run.ts';
import { systemClock } from '../../src/clock.ts';
import { makeDriver } from '../../src/drivers/make-driver.ts';
import { groupSettings } from '../../src/values/group-settings.test-support.ts';
import { describeOnSwarm } from './swarm-under-test.ts';

const STACK = fileURLToPath(new URL('../../../../docker-compose.cpu.yml', import.meta.url));

describeOnSwarm("document 002's stack on a real Swarm", () => {
  afterAll(async () => {
    await docker(['stack', 'rm', 'embed']);
    const isGone = async () => !(await docker(['network', 'ls', '--format', '{{.Name}}'])).includes('embed_');
    await waitFor(isGone, 60_000, () => 'the network of the stack does not go');
  });

  it('is what the driver scales without any option', async () => {
    const env = {
      PATH: process.env.PATH,
      HOME: enginePaths().folder,
      ...engineEnv(),
      // As much as the rig has.
      DJL_CPUS: '1',
      DJL_RESERVED_CPUS: '0.01',
    };
    const file = join(enginePaths().folder, 'document-002.json');
    writeFileSync(file, JSON.stringify(forTheRig()));
    await run('docker', ['stack', 'deploy', '--resolve-image', 'never', '-c', file, 'embed'], { env });
    const warnings: string[] = [];
    const driver = makeDriver(
      { ...groupSettings({ name: 'default' }), driver: 'swarm', driverOptions: {} },
      {
        pool: 'p',
        stateDir: '/none',
        env: engineEnv(),
        clock: systemClock,
        onEvent: ({ kind, ...event }) => kind === 'warned' && warnings.push(JSON.stringify(event)),
      },
    );
    const live = () => AbortSignal.timeout(10_000);
    const untilReady = async (count: number) => {
      for (let looks = 0; looks < 300; looks += 1) {
        const replicas = await driver.list('default', live());
        if (replicas.length === count && replicas.every(({ state }) => state === 'ready')) return replicas;
        await sleepFor(100);
      }
      throw new Error(`not ${count}: ${JSON.stringify(await driver.list('default', live()))}`);
    };
    const two = await untilReady(2);
    const { port, path } = pathOfGateways();
    for (const { id, url } of two) {
      expect(id).toMatch(/^embed_djl-cpu\.[12]\.\w+$/);
      expect(url).toMatch(new RegExp(`^http://10\\.\\d+\\.\\d+\\.\\d+:${port}${path}$`));
    }
    // 5 servers of 2 GB each may be more than the machine has.
    await driver.scale({ group: 'default', desired: 3, launch: [], remove: [] }, live());
    await untilReady(3);
    await driver.scale({ group: 'default', desired: 2, launch: [], remove: [] }, live());
    await untilReady(2);
    expect(warnings).toEqual([]);
    await driver.close();
  });
});

/** The servers alone, since no image can be pulled: what runs in them is another, the rest is as the file has it. */
function forTheRig() {
  const { services } = parse(readFileSync(STACK, 'utf8'));
  const djl = services['djl-cpu'];
  return {
    version: '3.8',
    services: {
      'djl-cpu': {
        ...djl,
        image: PLAIN_IMAGE,
        command: ['bash', '-c', 'exec sleep infinity'],
        healthcheck: { ...djl.healthcheck, test: ['CMD-SHELL', 'true'], interval: '1s' },
      },
    },
  };
}

/** Where the stack's own gateways look for the servers. */
function pathOfGateways(): { readonly port: string; readonly path: string } {
  const { services } = parse(readFileSync(STACK, 'utf8'));
  const url = /dns\+(http:[^;]+)/.exec(services.gateway.environment.DJL_URLS)?.[1] ?? '';
  const { port, pathname } = new URL(url);
  return { port, path: pathname };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { docker, engineEnv, enginePaths, waitFor } from '../../../../rigs/swarm/engine.ts';
import { JsonHttp } from '../../src/drivers/json-http.ts';
import { EngineApi } from '../../src/drivers/swarm/engine-api.ts';
import { describeOnSwarm } from './swarm-under-test.ts';
import { createService, removeServices } from './test-services.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** When the first scaler is killed: as its first tick begins, or so long after the Engine has its order. */
const KILLED = ['as it begins', 0, 5, 50, 300, 1_000] as const;

// The program itself on a real Engine; every point between its steps is in reconcile/swarm-kill-points.test.ts. A lease takes 20 s to be free,
// so all of them run side by side.
describeOnSwarm('scalers that are killed while they scale 0 to 3', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forebay-killed-'));
  const names = KILLED.map((_, i) => `killed-${process.pid}-${i}`);
  beforeAll(async () => {
    for (const name of names) await createService(name, 0);
  });
  afterAll(async () => {
    await removeServices(names);
    rmSync(folder, { recursive: true, force: true });
  });

  it('leave to the next one what it brings to the same end, without a task too many', async () => {
    const outcomes = await Promise.all(KILLED.map((moment, i) => outcomeOf(names[i] ?? '', moment)));
    expect(outcomes).toEqual(KILLED.map(() => ({ replicas: 3, running: 3, ever: 3, desired: 3, ready: 3 })));
  });

  async function outcomeOf(service: string, moment: (typeof KILLED)[number]) {
    const config = join(folder, `${service}.yaml`);
    writeFileSync(
      config,
      `driver: swarm
drivers: { swarm: { service: ${service}, url: "http://{nodeAddress}:1808{slot}/p" } }
gatewayUrl: ["http://127.0.0.1:9"]
groups: [{ name: default, min: 3, initial: 3, max: 9, intervalSeconds: 1 }]
`,
    );
    const first = start(config, service);
    await first.printed('this scaler acts');
    if (moment !== 'as it begins') {
      await untilOrdered(service);
      await sleepFor(moment);
    }
    first.child.kill('SIGKILL');
    await first.closed;
    const wanted = await replicasOf(service);
    process.stdout.write(
      `killed ${moment === 'as it begins' ? moment : `${moment} ms after its order`}: the service wants ${wanted} tasks\n`,
    );
    if (moment !== 'as it begins') expect(wanted).toBe(3);
    const next = start(config, service);
    try {
      const url = (await next.printed(/listens on (\S+)/))[1] ?? '';
      let status = { desired: 0, ready: 0 };
      const isSettled = async () => {
        const response = await fetch(`${url}/scaling/status`);
        const { desired_instances, ready_instances } = (await response.json()) as Record<string, number>; // its contract
        status = { desired: desired_instances ?? 0, ready: ready_instances ?? 0 };
        return status.ready === 3;
      };
      await waitFor(isSettled, 60_000, () => `${service}: ${JSON.stringify(status)}\n${next.text()}`);
      await sleepFor(3_000); // some more ticks
      const states = (await docker(['service', 'ps', service, '--format', '{{.CurrentState}}']))
        .trim()
        .split('\n');
      const running = states.filter((state) => state.startsWith('Running')).length;
      return { replicas: await replicasOf(service), running, ever: states.length, ...status };
    } finally {
      next.child.kill('SIGTERM');
      await next.closed;
    }
  }

  /** The command line would be too slow to catch the moment. */
  async function untilOrdered(service: string): Promise<void> {
    const { socket } = enginePaths();
    const engine = new EngineApi(new JsonHttp({ baseUrl: `unix://${socket}`, platform: 'Docker Engine' }));
    const signal = AbortSignal.timeout(30_000);
    for (;;) {
      const found = await engine.service(service, signal);
      if (found?.Spec.Mode.Replicated?.Replicas === 3) break;
      await sleepFor(1);
    }
    await engine.close();
  }

  async function replicasOf(service: string): Promise<number> {
    const format = '{{.Spec.Mode.Replicated.Replicas}}';
    return Number(await docker(['service', 'inspect', '--format', format, service]));
  }

  function start(config: string, service: string) {
    const child = spawn(process.execPath, [MAIN, '--config', config], {
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ...engineEnv(),
        HOST: '127.0.0.1',
        PORT: '0',
        SCALER_STATE: join(folder, `${service}.db`),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
    }
    const printed = async (pattern: string | RegExp) => {
      for (let looks = 0; looks < 15_000; looks += 1) {
        const found = text.match(pattern);
        if (found !== null) return found;
        if (child.exitCode !== null) break;
        await sleepFor(2);
      }
      throw new Error(`${service} did not print ${pattern}: ${text}`);
    };
    return { child, closed: once(child, 'close'), printed, text: () => text };
  }
});

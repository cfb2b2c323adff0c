import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { docker, engineEnv, waitFor } from '../../../../rigs/swarm/engine.ts';
import { describeOnSwarm } from './swarm-under-test.ts';
import { createService, removeServices } from './test-services.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** From `this scaler acts`, the beginning of its first tick, in which it reads, writes, and orders. */
const KILLED_AFTER_MS = [0, 5, 10, 20, 40, 80];

// The program itself on a real Engine; every point between its steps is in reconcile/swarm-kill-points.test.ts. A lease takes 20 s to be free,
// so all of them run side by side.
describeOnSwarm('scalers that are killed while they scale 0 to 3', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forebay-killed-'));
  const names = KILLED_AFTER_MS.map((ms) => `killed-${process.pid}-${ms}`);
  beforeAll(async () => {
    for (const name of names) await createService(name, 0);
  });
  afterAll(async () => {
    await removeServices(names);
    rmSync(folder, { recursive: true, force: true });
  });

  it('leave to the next one what it brings to the same end, without a task too many', async () => {
    const outcomes = await Promise.all(KILLED_AFTER_MS.map((ms, i) => outcomeOf(names[i] ?? '', ms)));
    expect(outcomes).toEqual(
      KILLED_AFTER_MS.map(() => ({ replicas: 3, running: 3, ever: 3, desired: 3, ready: 3 })),
    );
  });

  async function outcomeOf(service: string, killedAfterMs: number) {
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
    await sleepFor(killedAfterMs);
    first.child.kill('SIGKILL');
    await first.closed;
    process.stdout.write(
      `killed after ${killedAfterMs} ms: the service wanted ${await replicasOf(service)} tasks\n`,
    );
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

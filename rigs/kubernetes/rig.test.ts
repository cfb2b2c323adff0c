import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kubernetesRig } from '../kubernetes.ts';

it('is one stand-in when two start it at a time, and nothing is left once it is stopped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'forebay-stand-in-'));
  const processes = () =>
    execFileSync('ps', ['-ww', '-e', '-o', 'args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(`main.ts ${join(folder, 'kubeconfig')}`)).length;
  const [one, two] = [kubernetesRig(folder), kubernetesRig(folder)];
  try {
    const [first, second] = await Promise.all([one.start(), two.start()]);
    expect([second, await one.status()]).toEqual([first, first]);
    expect(processes()).toBe(1);
    await two.stop();
    expect({ processes: processes(), files: readdirSync(folder) }).toEqual({ processes: 0, files: [] });
  } finally {
    await one.stop();
    rmSync(folder, { recursive: true });
  }
});

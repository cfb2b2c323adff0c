import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubernetesRig } from '../../../../rigs/kubernetes.ts';
import { eventually, ScalerSite, type SpawnedScaler } from '../../test/scaler-site.ts';
import { kubectl, kubectlMissing, MANIFESTS } from './kubectl.ts';

const missing = kubectlMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

interface Backend {
  readonly id: string;
  readonly url: string;
  readonly state: string;
}

describe.skipIf(missing !== undefined)(
  'the scaler with SCALER_DRIVER=kubernetes',
  { timeout: 120_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'forebay-kubernetes-'));
    const kubeconfig = join(folder, 'kubeconfig');
    const rig = kubernetesRig(folder);
    const kube = kubectl(kubeconfig);
    const env = { SCALER_DRIVER: 'kubernetes', KUBECONFIG: kubeconfig };
    const options = { driverOptions: { deployment: 'djl-cpu' } };
    beforeAll(async () => {
      await rig.start();
      await kube('apply', '-k', join(MANIFESTS, 'base'));
    });
    afterAll(async () => {
      await rig.stop();
      rmSync(folder, { recursive: true });
    });

    const replicas = async () =>
      Number(await kube('get', 'deployment', 'djl-cpu', '-o', 'jsonpath={.spec.replicas}'));
    const podNames = async () =>
      (await kube('get', 'pods', '-l', 'app=djl-cpu', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
    const backends = async (scaler: SpawnedScaler) =>
      (await scaler.ask('GET', '/v1/backends')).body.backends as readonly Backend[];
    const ready = (scaler: SpawnedScaler, count: number) =>
      eventually(
        () => backends(scaler),
        (all) => all.length === count && all.every(({ state }) => state === 'ready'),
      );
    const order = (scaler: SpawnedScaler, count: number) =>
      scaler.ask('POST', '/scaling/scale', { target_instances: count, reason: 'test' });

    it('takes the pods there are, scales out, and drains what it scales in', async () => {
      await using site = await ScalerSite.open(options);
      const scaler = await site.start(env);
      await ready(scaler, 2);
      await order(scaler, 4);
      const four = await ready(scaler, 4);
      expect(await replicas()).toBe(4);
      expect(four.map(({ id }) => id).toSorted()).toEqual((await podNames()).toSorted());
      expect(new Set(four.map(({ url }) => url)).size).toBe(4);
      await order(scaler, 2);
      const draining = await eventually(
        () => backends(scaler),
        (all) => all.filter(({ state }) => state === 'draining').length === 2,
      );
      const kept = draining.filter(({ state }) => state === 'ready').map(({ id }) => id);
      const left = await eventually(podNames, (names) => names.length === 2);
      expect(left.toSorted()).toEqual(kept.toSorted());
      expect(await replicas()).toBe(2);
    });

    it('goes on after a restart with the pods there are', async () => {
      await using site = await ScalerSite.open(options);
      const first = await site.start(env);
      const before = await ready(first, 2);
      first.signal('SIGTERM');
      expect(await first.ended).toBe(0);
      expect((await podNames()).length).toBe(2);
      const next = await site.start(env);
      expect(await ready(next, 2)).toEqual(before);
    });

    it('follows what somebody else deletes', async () => {
      await using site = await ScalerSite.open(options);
      const scaler = await site.start(env);
      const [victim] = await ready(scaler, 2);
      await kube('delete', 'pod', victim?.id ?? '');
      const after = await eventually(
        () => backends(scaler),
        (all) => all.length === 2 && all.every(({ id, state }) => id !== victim?.id && state === 'ready'),
      );
      expect(after.map(({ id }) => id).toSorted()).toEqual((await podNames()).toSorted());
    });

    it('does not act beside an autoscaler, and says so', async () => {
      await using site = await ScalerSite.open(options);
      await kube('apply', '-f', join(MANIFESTS, 'hpa', 'hpa.yaml'));
      const scaler = await site.start(env);
      await ready(scaler, 2);
      await order(scaler, 3);
      const decision = await eventually(
        async () => JSON.stringify((await scaler.ask('GET', '/scaling/decision')).body),
        (text) => text.includes('djl-cpu-hpa'),
      );
      expect(decision).toContain(
        'HorizontalPodAutoscaler djl-cpu-hpa scales Deployment djl-cpu in namespace default too',
      );
      expect(await replicas()).toBe(2);
      await kube('delete', 'hpa', 'djl-cpu-hpa');
    });

    it('accepts the configuration of the manifests', async () => {
      await using site = await ScalerSite.open();
      const config = readFileSync(join(MANIFESTS, 'scaler', 'config.yaml'), 'utf8');
      writeFileSync(join(site.dir, 'scaler.yaml'), config.replace('/var/lib/forebay', site.dir));
      const scaler = await site.start({ KUBECONFIG: kubeconfig, SCALER_PORT: '0' });
      const all = await ready(scaler, 2);
      expect(all.every(({ url }) => url.endsWith(':8080/predictions/all-MiniLM-L6-v2'))).toBe(true);
    });
  },
);

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubernetesRig } from '../../../../rigs/kubernetes.ts';
import { eventually } from '../../test/scaler-site.ts';
import { kubectl, kubectlMissing, MANIFESTS } from './kubectl.ts';

const missing = kubectlMissing();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

describe.skipIf(missing !== undefined)('kubectl on the stand-in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forebay-kubectl-'));
  const rig = kubernetesRig(folder);
  const kube = kubectl(join(folder, 'kubeconfig'));
  beforeAll(async () => {
    await rig.start();
  });
  afterAll(async () => {
    await rig.stop();
    rmSync(folder, { recursive: true });
  });

  const replicas = () => kube('get', 'deployment', 'djl-cpu', '-o', 'jsonpath={.spec.replicas}');
  const podNames = async () =>
    (await kube('get', 'pods', '-l', 'app=djl-cpu', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');

  it('applies the manifests of the scaler, and once more without changing anything', async () => {
    const apply = () => kube('apply', '-k', join(MANIFESTS, 'scaler'));
    const first = (await apply()).split('\n');
    expect(first.length).toBe(12);
    expect(first.every((line) => line.endsWith(' created'))).toBe(true);
    expect((await apply()).split('\n').every((line) => line.endsWith(' unchanged'))).toBe(true);
    expect(await kube('get', 'role', 'forebay-scaler', '-o', 'jsonpath={.rules[0].resources[0]}')).toBe(
      'deployments/scale',
    );
  });

  it('waits until a rollout is done', async () => {
    expect(await kube('rollout', 'status', 'deployment/djl-cpu', '--timeout=30s')).toContain(
      'deployment "djl-cpu" successfully rolled out',
    );
  });

  it('scales, unless the count is another than expected', async () => {
    await kube('scale', 'deployment/djl-cpu', '--current-replicas=1', '--replicas=3');
    expect(await replicas()).toBe('3');
    await expect(kube('scale', 'deployment/djl-cpu', '--current-replicas=1', '--replicas=4')).rejects.toThrow(
      'Expected replicas to be 1, was 3',
    );
    await kube('rollout', 'status', 'deployment/djl-cpu', '--timeout=30s');
    expect((await podNames()).length).toBe(3);
    expect(
      await kube('get', 'deployment', 'djl-cpu', '--subresource=scale', '-o', 'jsonpath={.status}'),
    ).toBe('{"replicas":3,"selector":"app=djl-cpu"}');
  });

  it('replaces a pod that is deleted', async () => {
    const [one = '', ...others] = await podNames();
    await kube('delete', 'pod', one);
    const after = await eventually(podNames, (names) => names.length === 3 && !names.includes(one));
    expect(after).toEqual(expect.arrayContaining(others));
  });

  it('ends the pod first whose deletion cost is lowest', async () => {
    await kube('rollout', 'status', 'deployment/djl-cpu', '--timeout=30s');
    await kube('wait', '--for=condition=Ready', 'pod', '-l', 'app=djl-cpu', '--timeout=30s');
    const [oldest = '', ...others] = (
      await kube('get', 'pods', '-l', 'app=djl-cpu', '--sort-by=.metadata.creationTimestamp', '-o', 'name')
    ).split('\n');
    await kube('annotate', oldest, 'controller.kubernetes.io/pod-deletion-cost=-100');
    await kube('scale', 'deployment/djl-cpu', '--replicas=2');
    const left = await eventually(podNames, (names) => names.length === 2);
    expect(left.map((name) => `pod/${name}`).toSorted()).toEqual(others.toSorted());
  });

  it('watches pods come and go', async () => {
    const watch = spawn('kubectl', ['get', 'pods', '-w', '--output-watch-events'], {
      env: { PATH: process.env.PATH, HOME: '/nonexistent', KUBECONFIG: join(folder, 'kubeconfig') },
    });
    let seen = '';
    watch.stdout.on('data', (part: Buffer) => {
      seen += String(part);
    });
    try {
      await eventually(
        () => seen,
        (text) => text.includes('ADDED'),
      );
      const [victim = ''] = await podNames();
      await kube('delete', 'pod', victim);
      await eventually(
        () => seen,
        (text) => new RegExp(`DELETED\\s+${victim}`).test(text),
      );
    } finally {
      watch.kill();
    }
  });

  it('rolls a new template out', async () => {
    await kube('set', 'image', 'deployment/djl-cpu', 'djl=deepjavalibrary/djl-serving:0.33.0-pytorch-cpu');
    await kube('rollout', 'status', 'deployment/djl-cpu', '--timeout=30s');
    const images = await eventually(
      () => kube('get', 'pods', '-l', 'app=djl-cpu', '-o', 'jsonpath={.items[*].spec.containers[0].image}'),
      (text) => text.split(' ').length === 2,
    );
    expect(new Set(images.split(' '))).toEqual(new Set(['deepjavalibrary/djl-serving:0.33.0-pytorch-cpu']));
  });

  it('applies document 002 with its autoscaler, and shows it', async () => {
    await kube('apply', '-k', join(MANIFESTS, 'hpa'));
    await kube('rollout', 'status', 'deployment/djl-cpu', '--timeout=30s');
    await eventually(podNames, (names) => names.length === 2);
    expect(await kube('get', 'hpa', 'djl-cpu-hpa', '-o', 'jsonpath={.spec.maxReplicas}')).toBe('10');
    expect(await kube('describe', 'deployment', 'djl-cpu')).toContain('2 desired | 2 updated | 2 total');
    expect(await kube('top', 'pods', '-l', 'app=djl-cpu', '--no-headers')).toMatch(/1400m\s+1024Mi/);
  });

  it('knows what it does not have', async () => {
    await expect(kube('get', 'deployment', 'nobody')).rejects.toThrow('"nobody" not found');
    await expect(kube('get', 'things')).rejects.toThrow(`the server doesn't have a resource type "things"`);
  });
});

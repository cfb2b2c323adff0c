import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { groupSettings } from '../values/group-settings.test-support.ts';
import { makeKubernetesDriver } from './make-kubernetes-driver.ts';

const dir = mkdtempSync(join(tmpdir(), 'forebay-make-'));
afterAll(() => rmSync(dir, { recursive: true }));
const kubeconfig = join(dir, 'config');
const user = { exec: { command: 'aws-iam-authenticator' } };
writeFileSync(
  kubeconfig,
  JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'x', context: { cluster: 'c' } },
      { name: 'eks', context: { cluster: 'c', user: 'u' } },
    ],
    'current-context': 'x',
  }),
);

const make = (driverOptions: Readonly<Record<string, unknown>>) =>
  makeKubernetesDriver(
    { ...groupSettings({ name: 'cpu' }), driver: 'kubernetes', driverOptions },
    {
      pool: 'p',
      stateDir: dir,
      env: { KUBECONFIG: kubeconfig },
      clock: systemClock,
      onEvent: () => undefined,
    },
  );

describe('makeKubernetesDriver', () => {
  it.each([
    [{ deployment: 'djl-cpu' }, true],
    [{ kind: 'ReplicaSet', name: 'djl' }, true],
    [{ kind: 'StatefulSet', name: 'djl' }, false],
    [{ kind: 'Rollout', name: 'djl', apiVersion: 'argoproj.io/v1alpha1' }, false],
  ])('of %o chooses who goes: %s', (options, chooses) => {
    expect(make(options)).toMatchObject({
      name: 'kubernetes',
      namesReplicas: false,
      choosesRemoved: chooses,
    });
  });

  it.each([
    [{}, /group cpu, options of driver kubernetes: set deployment/],
    [{ deployment: 'a', name: 'b' }, /set one or the other/],
    [{ deployment: 'A_b' }, /deployment: must be the name of an object/],
    [{ deployment: 'a', replicas: 3 }, /replicas/],
    [{ deployment: 'a', port: 0 }, /port/],
    [{ deployment: 'a', server: 'http://api', context: 'x' }, /set one of them/],
    [{ deployment: 'a', tokenFile: '/t' }, /belong to server/],
    [{ deployment: 'a', context: 'eks' }, /user u uses exec/],
    [{ deployment: 'a', kubeconfig: '/none' }, /kubeconfig can't be read/],
  ])('refuses %o', (options, message) => {
    expect(() => make(options)).toThrow(
      expect.objectContaining({ code: 'SCALER_CONFIG', message: expect.stringMatching(message) as string }),
    );
  });
});

import { expect, it } from 'vitest';
import type { KubeObject } from './kube-object.ts';
import { fieldSelector, labelSelector } from './selectors.ts';

const object: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', labels: { app: 'djl', tier: 'cpu' } },
  status: { phase: 'Running' },
};

it.each([
  ['', true],
  ['app=djl', true],
  ['app==djl,tier=cpu', true],
  ['app=djl,tier=gpu', false],
  ['app!=djl', false],
  ['other!=x', true],
  ['tier in (gpu, cpu),app', true],
  ['tier notin (gpu)', true],
  ['tier in (gpu)', false],
  ['!other', true],
  ['!app', false],
])('the label selector "%s" is met: %s', (text, met) => {
  expect(labelSelector(text)(object)).toBe(met);
});

it('refuses what is no selector', () => {
  expect(() => labelSelector('a ~ b')).toThrow('unable to parse requirement: a ~ b');
});

it.each([
  ['metadata.name=p,status.phase=Running', true],
  ['metadata.name=q', false],
  ['status.phase!=Running', false],
  ['spec.nodeName=', true],
])('the field selector "%s" is met: %s', (text, met) => {
  expect(fieldSelector(text)(object)).toBe(met);
});

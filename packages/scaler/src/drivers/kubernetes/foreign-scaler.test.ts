import { describe, expect, it } from 'vitest';
import { autoscaler } from './api-schemas.ts';
import { foreignScaler } from './foreign-scaler.ts';

const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'djl-cpu' };
const hpa = (scaleTargetRef: object) =>
  autoscaler.parse({ metadata: { name: 'hpa' }, spec: { maxReplicas: 10, scaleTargetRef } });

describe('foreignScaler', () => {
  it.each([
    ['the same object', TARGET, true],
    ['another version of its group', { ...TARGET, apiVersion: 'apps/v1beta2' }, true],
    ['another name', { ...TARGET, name: 'djl-gpu' }, false],
    ['another kind', { ...TARGET, kind: 'StatefulSet' }, false],
    ['another group', { ...TARGET, apiVersion: 'argoproj.io/v1' }, false],
    ['no group', { kind: 'Deployment', name: 'djl-cpu' }, false],
  ])('of an autoscaler for %s', (_, ref, found) => {
    expect(foreignScaler([hpa({ ...TARGET, name: 'other' }), hpa(ref)], TARGET) !== undefined).toBe(found);
  });
});

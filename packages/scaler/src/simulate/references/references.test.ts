import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateTrace } from '../generate.ts';
import { simulate } from '../simulator.ts';
import { awsTargetTracking } from './aws-target-tracking.ts';
import { fixed } from './fixed.ts';
import { hpa } from './hpa.ts';
import { hpa002 } from './hpa-002.ts';
import { knative } from './knative.ts';

describe.each([hpa, hpa002, awsTargetTracking, knative, fixed(4)])('$name', (policy) => {
  const runOf = (seed: number, startupSeconds: number, initial: number) => {
    const trace = generateTrace('bursty', seed, { mean: 8, seconds: 1200 });
    const system = { perReplica: 2, startupSeconds, min: 1, initial, max: 30 };
    const counts: number[] = [];
    const result = simulate(trace, system, policy.start(system), {
      onSecond: (_, desired) => counts.push(desired),
    });
    return { result, counts };
  };

  it('asks for whole numbers, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.constantFrom(0, 1, 60, 300),
        fc.integer({ min: 1, max: 30 }),
        (...given) => {
          expect(runOf(...given).counts.every(Number.isInteger)).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps nothing from one run to the next', () => {
    expect(runOf(3, 60, 4)).toEqual(runOf(3, 60, 4));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lintText } from './lint-text.ts';

/** Words that rules look for, so that arbitrary trees of them get deep into the rules. */
const WORD = fc.constantFrom(
  ...['Resources', 'Type', 'Properties', 'AWS::AutoScaling::ScalingPolicy', 'AWS::CloudWatch::Alarm'],
  ...['AWS::ECS::CapacityProvider', 'AWS::ApplicationAutoScaling::ScalingPolicy', 'AutoScalingGroupProvider'],
  ...[
    'TargetTrackingConfiguration',
    'TargetTrackingScalingPolicyConfiguration',
    'AlarmActions',
    'MetricName',
  ],
  ...['apiVersion', 'kind', 'HorizontalPodAutoscaler', 'spec', 'metrics', 'resource', 'behavior', 'scaleUp'],
  ...['policies', 'containers', 'template', 'items', 'List', 'groups', 'name', 'signal', 'Ref', 'Fn::GetAtt'],
);

const tree = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 6 },
    WORD,
    fc.constantFrom<unknown>(null, 0, 1, -1, 60, true, ''),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(WORD, tie('any'), { maxKeys: 5 }),
  ),
})).any;

describe('lintText', () => {
  it('says something about every file, and never throws', () => {
    fc.assert(
      fc.property(fc.dictionary(WORD, tree, { maxKeys: 5 }), (value) => {
        expect(['linted', 'not-read']).toContain(lintText(JSON.stringify(value), 'f.json').kind);
      }),
      { numRuns: 500 },
    );
  });

  it('reads any text as a program', () => {
    const piece = fc.constantFrom(
      'a.scaleToTrackMetric(',
      '{',
      '}',
      ')',
      ',',
      ' metric: x',
      "'",
      '`',
      '//',
      '\n',
      '= new b.Alarm(',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(lintText(pieces.join(''), 'f.ts').kind).toBe('linted');
      }),
      { numRuns: 500 },
    );
  });
});

import { expect, it } from 'vitest';
import { describeConfig } from '../config/describe-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { lintText } from './lint-text.ts';

// What the documents that this project began from would have run into, in our own words.
const TWO_CLASSES = `
const cpu = new cloudwatch.Metric({
  namespace: 'AWS/EC2', // of the whole group
  metricName: 'CPUUtilization',
  period: cdk.Duration.minutes(5),
});
asgSmall.scaleToTrackMetric('CpuTracking', {
  metric: cpu,
  targetValue: 60, // per cent
  scaleInCooldown: cdk.Duration.minutes(5),
  scaleOutCooldown: cdk.Duration.minutes(2),
});
const hot = new cloudwatch.Alarm(this, 'Hot', {
  metric: cpu,
  threshold: 80,
  evaluationPeriods: 2,
  comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
});
`;

const DEPLOYMENT_AND_HPA = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: embedder}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: djl
          resources: {requests: {cpu: "2"}, limits: {cpu: "4"}}
          readinessProbe:
            initialDelaySeconds: 60
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: embedder}
spec:
  scaleTargetRef: {kind: Deployment, name: embedder}
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 60
      policies: [{type: Percent, value: 50, periodSeconds: 60}]
    scaleDown:
      stabilizationWindowSeconds: 300
      policies: [{type: Pods, value: 1, periodSeconds: 60}]
`;

const QUEUE_WORKERS = JSON.stringify(
  {
    Resources: {
      Hosts: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { MinSize: '0', MaxSize: '5' } },
      Provider: {
        Type: 'AWS::ECS::CapacityProvider',
        Properties: {
          AutoScalingGroupProvider: {
            AutoScalingGroupArn: { Ref: 'Hosts' },
            ManagedScaling: { Status: 'ENABLED', TargetCapacity: 100, MaximumScalingStepSize: 5 },
          },
        },
      },
      Tasks: {
        Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
        Properties: { MinCapacity: 0, MaxCapacity: 5 },
      },
      ByDepth: {
        Type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
        Properties: {
          ScalingTargetId: { Ref: 'Tasks' },
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: 1,
            ScaleInCooldown: 300,
            ScaleOutCooldown: 30,
            CustomizedMetricSpecification: {
              Namespace: 'AWS/SQS',
              MetricName: 'ApproximateNumberOfMessagesVisible',
            },
          },
        },
      },
    },
  },
  undefined,
  2,
);

it.each([
  [
    '000: two Auto Scaling Groups in CDK',
    'stack.ts',
    TWO_CLASSES,
    ['10 asg-cooldown-dropped', '11 asg-cooldown-dropped', '15 alarm-behind-target'],
  ],
  [
    '002: a Deployment and its autoscaler',
    'hpa.yaml',
    DEPLOYMENT_AND_HPA,
    ['6 hpa-replicas-reset', '13 readiness-delay', '25 hpa-slow-ramp'],
  ],
  [
    '003: workers of a queue on a capacity provider, both from zero',
    'template.json',
    QUEUE_WORKERS,
    ['17 two-from-zero', '38 work-in-progress-ignored', '39 first-message-waits'],
  ],
])('finds what would have gone wrong in document %s', (_name, file, text, findings) => {
  const result = lintText(text, file);
  expect(result.kind === 'linted' && result.findings.map(({ line, rule }) => `${line} ${rule}`)).toEqual(
    findings,
  );
});

it('finds nothing in the defaults, nor in what the environment of document 004 stands for', () => {
  const text = `groups:
  - min: 2
    max: 10
    cooldownSeconds: {out: 300, in: 300}
    policies:
      - {type: queued-work}
      - {type: threshold, name: cpu-based-scaling, signal: cpu_percent, above: 70, below: 35}
      - {type: threshold, name: memory-based-scaling, signal: memory_percent, above: 80, below: 40}
`;
  expect(lintText(text, 'scaler.yaml')).toEqual({ kind: 'linted', findings: [] });
  expect(lintText('dryRun: true', 'scaler.yaml')).toEqual({ kind: 'linted', findings: [] });
});

it('finds nothing in what --check-config prints', () => {
  const loaded = loadConfig({
    env: { HOME: '/h', CPU_THRESHOLD: '70', MEMORY_THRESHOLD: '80', SCALING_COOLDOWN: '300' },
    readFile: String,
  });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  expect(lintText(describeConfig(loaded), 'scaler.yaml')).toEqual({ kind: 'linted', findings: [] });
});

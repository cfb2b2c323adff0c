import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { CapacityProvider } from './capacity-provider.ts';
import { EcsControlPlane } from './ecs-control-plane.ts';
import { QueueWorkers } from './queue-workers.ts';

export interface FacerecParts {
  readonly moto: { readonly endpoint: string; readonly region: string };
  readonly sqs: SQSClient;
  readonly nowMs: () => number;
}

/** How long an instance takes to boot and to join, and a task on it to be ready; how long an instance is kept without a task. */
const TIMES = { bootMs: 120_000, startupMs: 30_000, keepMs: 900_000 };

/** Document 003 on moto: its cluster, service, Auto Scaling group and queue, with its figures, and workers in the tasks. */
export class FacerecStack implements AsyncDisposable {
  readonly queueUrl: string;
  readonly hosts: CapacityProvider;
  readonly plane: EcsControlPlane;
  readonly workers: QueueWorkers;

  private constructor(
    queueUrl: string,
    hosts: CapacityProvider,
    plane: EcsControlPlane,
    parts: FacerecParts,
  ) {
    this.queueUrl = queueUrl;
    this.hosts = hosts;
    this.plane = plane;
    this.workers = new QueueWorkers({ ...parts, queueUrl, plane, batchSize: 3, protectMinutes: 15 });
  }

  static async start(parts: FacerecParts): Promise<FacerecStack> {
    const { moto, sqs, nowMs } = parts;
    const place = { moto, nowMs, cluster: 'facerec-worker-cluster' };
    const hosts = await CapacityProvider.start({
      ...place,
      bootMs: TIMES.bootMs,
      keepMs: TIMES.keepMs,
      group: {
        AutoScalingGroupName: 'facerec-worker-asg',
        MinSize: 0,
        MaxSize: 5,
        DesiredCapacity: 0,
        AvailabilityZones: [`${moto.region}a`],
        HealthCheckGracePeriod: 300,
        HealthCheckType: 'EC2',
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateName: 'facerec-worker-asg', Version: '$Latest' },
          },
          InstancesDistribution: {
            OnDemandBaseCapacity: 0,
            OnDemandPercentageAboveBaseCapacity: 0,
            SpotAllocationStrategy: 'capacity-optimized',
          },
        },
      },
    });
    const plane = await EcsControlPlane.start(
      {
        ...place,
        service: 'facerec-worker-service',
        startupMs: TIMES.startupMs,
        hosts,
        definition: {
          family: 'facerec-worker-task',
          networkMode: 'bridge',
          requiresCompatibilities: ['EC2'],
          containerDefinitions: [
            {
              name: 'facerec-worker',
              image: 'facerec-worker:latest',
              cpu: 2_048,
              memory: 13_312,
              essential: true,
              environment: [{ name: 'SQS_BATCH_SIZE', value: '3' }],
            },
          ],
        },
      },
      0,
    );
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({
        QueueName: 'facerec-indexing-staging-queue',
        Attributes: {
          VisibilityTimeout: '900',
          MessageRetentionPeriod: '345600',
          MaximumMessageSize: '262144',
          DelaySeconds: '0',
          ReceiveMessageWaitTimeSeconds: '0',
        },
      }),
    );
    return new FacerecStack(QueueUrl, hosts, plane, parts);
  }

  /** Takes an instance away, and its task with it. */
  async endHost(instanceId: string): Promise<void> {
    const task = this.plane.tasks.find(({ host }) => host?.instanceId === instanceId);
    if (task !== undefined) await this.plane.stop(task.arn, 'its host is gone');
    await this.hosts.end(instanceId);
  }

  async [Symbol.asyncDispose]() {
    this.hosts.close();
    await this.plane[Symbol.asyncDispose]();
  }
}

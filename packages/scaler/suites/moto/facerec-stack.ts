import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CapacityProvider } from './capacity-provider.ts';
import { EcsControlPlane } from './ecs-control-plane.ts';
import { QueueWorkers } from './queue-workers.ts';

export interface FacerecParts {
  readonly moto: { readonly endpoint: string; readonly region: string };
  readonly nowMs: () => number;
}

/** How long an instance takes to boot and to join, and a task on it to be ready; how long an instance is kept without a task. */
const TIMES = { bootMs: 120_000, startupMs: 30_000, keepMs: 900_000 };

/** Document 003 on moto: its cluster, service, Auto Scaling group and queue, with its figures, a queue of notices, and workers in the tasks. */
export class FacerecStack implements AsyncDisposable {
  readonly hosts: CapacityProvider;
  readonly plane: EcsControlPlane;
  readonly workers: QueueWorkers;
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;
  readonly #noticesUrl: string;
  readonly #nowMs: () => number;

  private constructor(
    parts: Pick<FacerecStack, 'hosts' | 'plane' | 'workers'>,
    queues: { readonly sqs: SQSClient; readonly queueUrl: string; readonly noticesUrl: string },
    nowMs: () => number,
  ) {
    this.hosts = parts.hosts;
    this.plane = parts.plane;
    this.workers = parts.workers;
    this.#sqs = queues.sqs;
    this.#queueUrl = queues.queueUrl;
    this.#noticesUrl = queues.noticesUrl;
    this.#nowMs = nowMs;
  }

  static async start({ moto, nowMs }: FacerecParts): Promise<FacerecStack> {
    const sqs = new SQSClient(moto);
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
    const queueUrl = await makeQueue(sqs, 'facerec-indexing-staging-queue', {
      VisibilityTimeout: '900',
      MessageRetentionPeriod: '345600',
      MaximumMessageSize: '262144',
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
    });
    const noticesUrl = await makeQueue(sqs, 'facerec-worker-notices');
    const workers = new QueueWorkers({ sqs, nowMs, queueUrl, plane, batchSize: 3, protectMinutes: 15 });
    return new FacerecStack({ hosts, plane, workers }, { sqs, queueUrl, noticesUrl }, nowMs);
  }

  /** What is due at this second; workers that are free look for messages every five. */
  async step(second: number): Promise<void> {
    await this.workers.step(second % 5 === 0);
    await this.plane.step();
  }

  /** So many messages of so many seconds' work. */
  async send(count: number, workSeconds: number): Promise<void> {
    for (let sent = 0; sent < count; sent += 1)
      await this.#sqs.send(
        new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: `${workSeconds}` }),
      );
  }

  /** What EventBridge sends two minutes before a spot instance is taken away. */
  async warnOf(instanceId: string): Promise<void> {
    const event = {
      version: '0',
      id: '12345678-1234-1234-1234-123456789012',
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      source: 'aws.ec2',
      account: '123456789012',
      time: new Date(this.#nowMs()).toISOString(),
      region: 'eu-west-1',
      resources: [`arn:aws:ec2:eu-west-1b:instance/${instanceId}`],
      detail: { 'instance-id': instanceId, 'instance-action': 'terminate' },
    };
    await this.#sqs.send(
      new SendMessageCommand({ QueueUrl: this.#noticesUrl, MessageBody: JSON.stringify(event) }),
    );
  }

  /** Takes an instance away, and its task with it. */
  async endHost(instanceId: string): Promise<void> {
    const task = this.plane.tasks.find(({ host }) => host?.instanceId === instanceId);
    if (task !== undefined) await this.plane.stop(task.arn, 'its host is gone');
    await this.hosts.end(instanceId);
  }

  async [Symbol.asyncDispose]() {
    this.hosts.close();
    this.#sqs.destroy();
    await this.plane[Symbol.asyncDispose]();
  }
}

async function makeQueue(
  sqs: SQSClient,
  QueueName: string,
  Attributes: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

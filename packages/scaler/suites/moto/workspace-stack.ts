import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** One instance as EC2 has it. */
export interface InstanceSeen {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What document 001 has made by hand, on moto, and what happens to its instances without the scaler. */
export class WorkspaceStack {
  readonly #ec2: EC2Client;
  readonly #sqs: SQSClient;
  #notices = '';

  constructor(place: { readonly endpoint: string; readonly region: string }) {
    this.#ec2 = new EC2Client(place);
    this.#sqs = new SQSClient(place);
  }

  /** Two launch templates, which differ in the type of instance, and the queue of notices. */
  async make(): Promise<void> {
    for (const [name, InstanceType] of [
      ['workspace-host', 'm5.xlarge'],
      ['workspace-host-next', 'm6i.xlarge'],
    ] as const) {
      const LaunchTemplateData = { ImageId: 'ami-12c6146b', InstanceType };
      await this.#ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData }));
    }
    const made = await this.#sqs.send(new CreateQueueCommand({ QueueName: 'workspace-host-notices' }));
    this.#notices = made.QueueUrl ?? '';
  }

  /** All instances that run. */
  async running(): Promise<readonly InstanceSeen[]> {
    const { Reservations = [] } = await this.#ec2.send(new DescribeInstancesCommand({}));
    return Reservations.flatMap(({ Instances = [] }) =>
      Instances.map(({ InstanceId = '', InstanceType = '', State, Tags = [] }) => ({
        id: InstanceId,
        type: InstanceType,
        state: State?.Name ?? '',
        tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      })),
    ).filter(({ state }) => state === 'running');
  }

  async terminate(id: string): Promise<void> {
    await this.#ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  }

  /** An instance with the pool's tags that no scaler launched. */
  async launchStranger(): Promise<string> {
    const tags = { 'forebay:pool': 'workspace-hosts', 'forebay:group': 'workspace' };
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const { Instances: [instance] = [] } = await this.#ec2.send(
      new RunInstancesCommand({
        LaunchTemplate: { LaunchTemplateName: 'workspace-host' },
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [{ ResourceType: 'instance', Tags }],
      }),
    );
    return instance?.InstanceId ?? '';
  }

  /** As EventBridge puts it into the queue. */
  async interrupt(instanceId: string, atMs: number): Promise<void> {
    const event = {
      id: '12345678-1234-1234-1234-123456789012',
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      source: 'aws.ec2',
      account: '123456789012',
      time: new Date(atMs).toISOString(),
      region: 'eu-west-1',
      resources: [`arn:aws:ec2:eu-west-1a:instance/${instanceId}`],
      detail: { 'instance-id': instanceId, 'instance-action': 'terminate' },
    };
    await this.#sqs.send(
      new SendMessageCommand({ QueueUrl: this.#notices, MessageBody: JSON.stringify(event) }),
    );
  }

  close(): void {
    for (const client of [this.#ec2, this.#sqs]) client.destroy();
  }
}

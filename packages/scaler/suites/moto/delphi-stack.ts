import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

/** Document 000's stack on moto, and those who use it. */
export class DelphiStack {
  readonly #autoScaling: AutoScalingClient;
  readonly #cloudWatch: CloudWatchClient;
  readonly #ec2: EC2Client;
  readonly #sqs: SQSClient;
  readonly #sns: SNSClient;
  #jobs = '';
  #mails = '';

  constructor(place: { readonly endpoint: string; readonly region: string }) {
    this.#autoScaling = new AutoScalingClient(place);
    this.#cloudWatch = new CloudWatchClient(place);
    this.#ec2 = new EC2Client(place);
    this.#sqs = new SQSClient(place);
    this.#sns = new SNSClient(place);
  }

  /** Groups with the document's sizes, its topic with a queue that hears it, and a queue of demanding jobs. */
  async make(): Promise<void> {
    await this.#group('delphi-small', 't3.large', [1, 2, 5]);
    await this.#group('delphi-large', 'c6g.4xlarge', [0, 1, 3]);
    this.#jobs = await this.#queue('delphi-demanding-jobs');
    this.#mails = await this.#queue('mails');
    const { TopicArn } = await this.#sns.send(new CreateTopicCommand({ Name: 'delphi-alarms' }));
    const Endpoint = 'arn:aws:sqs:eu-west-1:123456789012:mails';
    await this.#sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  }

  async #group(
    name: string,
    InstanceType: 't3.large' | 'c6g.4xlarge',
    sizes: readonly [number, number, number],
  ) {
    const LaunchTemplateData = { ImageId: 'ami-12c6146b', InstanceType };
    await this.#ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData }));
    const [MinSize, DesiredCapacity, MaxSize] = sizes;
    await this.#autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchTemplate: { LaunchTemplateName: name },
        AvailabilityZones: ['eu-west-1a'],
        MinSize,
        DesiredCapacity,
        MaxSize,
      }),
    );
  }

  async #queue(QueueName: string): Promise<string> {
    // No message comes back while it is worked on.
    const command = new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '7200' } });
    return (await this.#sqs.send(command)).QueueUrl ?? '';
  }

  /** How many instances each group has. */
  async sizes(): Promise<Readonly<Record<string, number>>> {
    const { AutoScalingGroups = [] } = await this.#autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    return Object.fromEntries(
      AutoScalingGroups.map(({ AutoScalingGroupName = '', Instances = [] }) => [
        AutoScalingGroupName,
        Instances.length,
      ]),
    );
  }

  /** What EC2 measured of a group in the minute that began at `atMs`. */
  async measured(group: string, percent: number, atMs: number): Promise<void> {
    const Dimensions = [{ Name: 'AutoScalingGroupName', Value: group }];
    const datum = { MetricName: 'CPUUtilization', Dimensions, Timestamp: new Date(atMs), Value: percent };
    await this.#cloudWatch.send(new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData: [datum] }));
  }

  async sendJobs(count: number): Promise<void> {
    for (let job = 0; job < count; job += 1)
      await this.#sqs.send(new SendMessageCommand({ QueueUrl: this.#jobs, MessageBody: `job ${job}` }));
  }

  /** Receipts of jobs that a worker takes. */
  takeJobs(most: number): Promise<readonly string[]> {
    return this.#receive(this.#jobs, most).then((messages) => messages.map(({ receipt }) => receipt));
  }

  async finishJob(receipt: string): Promise<void> {
    await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.#jobs, ReceiptHandle: receipt }));
  }

  /** Messages of the alarm's topic that nobody has read yet. */
  async mails(): Promise<readonly { readonly Subject: string; readonly Message: string }[]> {
    return (await this.#receive(this.#mails, 10)).map(({ body }) => JSON.parse(body)); // as SNS writes it
  }

  async #receive(QueueUrl: string, MaxNumberOfMessages: number) {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages });
    const { Messages = [] } = await this.#sqs.send(command);
    return Messages.map(({ ReceiptHandle = '', Body = '' }) => ({ receipt: ReceiptHandle, body: Body }));
  }

  close(): void {
    for (const client of [this.#autoScaling, this.#cloudWatch, this.#ec2, this.#sqs, this.#sns])
      client.destroy();
  }
}

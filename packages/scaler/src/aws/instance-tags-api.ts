import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { LazyClient } from './lazy-client.ts';

/** Tags of EC2 instances. Needs `ec2:DescribeTags`. */
export interface InstanceTagsApi {
  /** Undefined where the instance has no such tag. */
  tag(instanceId: string, name: string, signal: AbortSignal): Promise<string | undefined>;
}

/** Over the SDK for EC2. */
export function openInstanceTagsApi(settings: AwsSettings): InstanceTagsApi {
  const ec2 = new LazyClient(async () => {
    const { DescribeTagsCommand, EC2Client } = await import('@aws-sdk/client-ec2');
    return { client: new EC2Client(clientConfig(settings)), DescribeTagsCommand };
  });
  return {
    tag: (instanceId, name, signal) =>
      ec2.call(
        `reading tag ${JSON.stringify(name)} of ${instanceId}`,
        signal,
        async ({ client, DescribeTagsCommand }) => {
          const command = new DescribeTagsCommand({
            Filters: [
              { Name: 'resource-id', Values: [instanceId] },
              { Name: 'key', Values: [name] },
            ],
          });
          const { Tags = [] } = await client.send(command, { abortSignal: signal });
          return Tags.find(({ Key }) => Key === name)?.Value;
        },
      ),
  };
}

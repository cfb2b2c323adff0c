import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { toAwsError } from './to-aws-error.ts';

/** Tags of EC2 instances. Needs `ec2:DescribeTags`. */
export interface InstanceTagsApi {
  /** Undefined where the instance has no such tag. */
  tag(instanceId: string, name: string, signal: AbortSignal): Promise<string | undefined>;
}

/** Loads the SDK at the first call. */
export function openInstanceTagsApi(settings: AwsSettings): InstanceTagsApi {
  const load = async () => {
    const { DescribeTagsCommand, EC2Client } = await import('@aws-sdk/client-ec2');
    return { client: new EC2Client(clientConfig(settings)), DescribeTagsCommand };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return {
    async tag(instanceId, name, signal) {
      try {
        loaded ??= load();
        const { client, DescribeTagsCommand } = await loaded;
        const command = new DescribeTagsCommand({
          Filters: [
            { Name: 'resource-id', Values: [instanceId] },
            { Name: 'key', Values: [name] },
          ],
        });
        const { Tags = [] } = await client.send(command, { abortSignal: signal });
        return Tags.find(({ Key }) => Key === name)?.Value;
      } catch (error) {
        throw toAwsError(error, `reading tag ${JSON.stringify(name)} of ${instanceId}`, signal);
      }
    },
  };
}

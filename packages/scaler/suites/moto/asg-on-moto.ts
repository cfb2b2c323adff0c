import { AutoScalingClient, CreateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CreateLaunchTemplateCommand, EC2Client } from '@aws-sdk/client-ec2';

/** Makes Auto Scaling groups on moto; instances are not real, but their ids, addresses and lifecycle are AWS's. */
export async function asgOnMoto(
  place: { readonly endpoint: string; readonly region: string },
  names: readonly string[],
  { minSize = 0, maxSize = 20 }: { readonly minSize?: number; readonly maxSize?: number } = {},
): Promise<void> {
  const ec2 = new EC2Client(place);
  const autoScaling = new AutoScalingClient(place);
  try {
    for (const name of names) {
      await ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: name,
          LaunchTemplateData: { ImageId: 'ami-12c6146b', InstanceType: 't3.large' },
        }),
      );
      await autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          LaunchTemplate: { LaunchTemplateName: name },
          AvailabilityZones: [`${place.region}a`],
          MinSize: minSize,
          MaxSize: maxSize,
        }),
      );
    }
  } finally {
    ec2.destroy();
    autoScaling.destroy();
  }
}

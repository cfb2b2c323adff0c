import { at, numeric } from '../values.ts';
import { type CloudFormationRule, inResource, referenced, resourcesOf } from './cloudformation-subject.ts';

/** A capacity provider that starts its first instances from zero. */
export const twoFromZero: CloudFormationRule = {
  id: 'two-from-zero',
  check: (subject) => {
    const groups = resourcesOf(subject, 'AWS::AutoScaling::AutoScalingGroup');
    return resourcesOf(subject, 'AWS::ECS::CapacityProvider')
      .filter(({ properties }) => {
        const provider = at(properties, 'AutoScalingGroupProvider');
        const own = groups.filter(({ name }) => name === referenced(at(provider, 'AutoScalingGroupArn')));
        const managed = at(provider, 'ManagedScaling', 'Status') === 'ENABLED';
        return (
          managed && (own.length > 0 ? own : groups).some((group) => numeric(group.properties.MinSize) === 0)
        );
      })
      .map((provider) =>
        inResource(
          provider,
          ['AutoScalingGroupProvider', 'ManagedScaling'],
          'with no instance running CapacityProviderReservation is fixed at 200 %, so the first task starts two instances, and the second one goes 15 minutes later',
          'MinSize 1, or count two instances into what a start from zero costs',
        ),
      );
  },
};

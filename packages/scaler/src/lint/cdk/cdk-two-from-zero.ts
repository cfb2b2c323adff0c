import { assigned, type CodeRule, numberOf } from './cdk-rule.ts';

/** A capacity provider on a group that goes to zero. */
export const cdkTwoFromZero: CodeRule = {
  id: 'two-from-zero',
  check: (subject) =>
    subject.calls
      .filter(({ method }) => method === 'AsgCapacityProvider')
      .flatMap(({ line, properties }) => {
        const group = assigned(subject, properties.get('autoScalingGroup')?.text ?? '');
        if (properties.get('enableManagedScaling')?.text === 'false') return [];
        if (numberOf(group?.properties.get('minCapacity')) !== 0) return [];
        return [
          {
            line,
            why: 'with no instance running CapacityProviderReservation is fixed at 200 %, so the first task starts two instances, and the second one goes 15 minutes later',
            instead: 'minCapacity 1, or count two instances into what a start from zero costs',
          },
        ];
      }),
};

import { expect, it } from 'vitest';
import { instanceState } from './instance-state.ts';

it.each([
  ['Pending', true, 'starting'],
  ['Pending:Wait', true, 'starting'],
  ['Pending:Proceed', true, 'starting'],
  ['Warmed:Running', true, 'starting'],
  ['InService', true, 'in-service'],
  ['InService', false, 'unhealthy'],
  ['ReplacingRootVolume:Wait', true, 'unhealthy'],
  ['RootVolumeReplaced', true, 'unhealthy'],
  ['Standby', true, undefined],
  ['EnteringStandby', true, undefined],
  ['Terminating', true, undefined],
  ['Terminating:Wait', true, undefined],
  ['Terminating:Proceed', false, undefined],
  ['Terminated', true, undefined],
  ['Warmed:Terminating', true, undefined],
  ['Detaching', true, undefined],
  ['Detached', true, undefined],
  ['Quarantined', true, undefined],
  ['SomethingNew', true, 'starting'],
] as const)('takes %s, healthy %s, for %s', (lifecycle, healthy, state) => {
  expect(instanceState({ id: 'i-1', lifecycle, healthy, protectedFromScaleIn: false })).toBe(state);
});

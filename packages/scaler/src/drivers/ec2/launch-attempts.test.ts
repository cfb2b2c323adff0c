import { expect, it } from 'vitest';
import { HOST_OPTIONS } from './ec2-rig.test-support.ts';
import { launchAttempts } from './launch-attempts.ts';

const options = {
  ...HOST_OPTIONS,
  instanceTypes: ['a', 'b'],
  subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'],
};

it('are the same for the same replica, and each has a token of its own that EC2 takes', () => {
  const attempts = ['r1', 'r2'].flatMap((id) =>
    launchAttempts('cpu', id, ['spot', 'on-demand-fallback'], options),
  );
  const again = ['r1', 'r2'].flatMap((id) =>
    launchAttempts('cpu', id, ['spot', 'on-demand-fallback'], options),
  );
  expect(again).toEqual(attempts);
  const tokens = attempts.map(({ request }) => request.clientToken);
  expect(new Set(tokens).size).toBe(24);
  expect(tokens.every((token) => /^[\x21-\x7e]{1,64}$/.test(token))).toBe(true);
});

it('keep their tokens when what doesn’t tell them apart changes', () => {
  const [one] = launchAttempts('cpu', 'r', ['spot'], options);
  const [other] = launchAttempts('cpu', 'r', ['spot'], {
    ...options,
    tags: { a: 'b' },
    launchTemplate: { name: 'x', version: '7' },
  });
  expect(other?.request.clientToken).toBe(one?.request.clientToken);
});

it('go through all subnets of a type before the next type, and through all of spot before on-demand', () => {
  const attempts = launchAttempts('cpu', 'r', ['spot', 'on-demand-fallback'], options);
  expect(
    attempts.map(({ request }) => `${request.spot ? 'spot' : 'on-demand'} ${request.instanceType}`),
  ).toEqual(['spot a', 'spot b', 'on-demand a', 'on-demand b'].flatMap((each) => [each, each, each]));
  expect(new Set(attempts.slice(0, 3).map(({ request }) => request.subnetId)).size).toBe(3);
});

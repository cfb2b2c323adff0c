import { expect, it } from 'vitest';
import { toAwsError } from '../../aws/to-aws-error.ts';
import { terminateEach } from './terminate-each.ts';

const live = new AbortController().signal;

/** An EC2 that refuses calls in which one of `bad` is, in its own words, and counts calls. */
function ec2(bad: Readonly<Record<string, string>>, words: (id: string) => string = (id) => `'${id}'`) {
  const calls: (readonly string[])[] = [];
  const ended: string[] = [];
  return {
    calls,
    ended,
    async terminate(ids: readonly string[], signal: AbortSignal) {
      calls.push(ids);
      const culprit = ids.find((id) => bad[id] !== undefined);
      if (culprit !== undefined) {
        const status = bad[culprit] === 'RequestLimitExceeded' ? 503 : 400;
        const cause = Object.assign(new Error(words(culprit)), {
          name: bad[culprit],
          $metadata: { httpStatusCode: status },
        });
        throw toAwsError(cause, 'terminating', signal);
      }
      ended.push(...ids);
    },
  };
}

const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => `i-${String(index).padStart(4, '0')}`);

it('asks in chunks, for each instance once', async () => {
  const api = ec2({});
  const { accepted } = await terminateEach(api, [...ids(250), ...ids(250)], live);
  expect(accepted).toEqual(ids(250));
  expect(api.calls.map(({ length }) => length)).toEqual([100, 100, 50]);
});

it('leaves out what EC2 names and ends the others', async () => {
  const api = ec2({
    'i-0003': 'InvalidInstanceID.NotFound',
    'i-0150': 'OperationNotPermitted',
    'i-0160': 'InvalidInstanceID.Malformed',
  });
  const { accepted, unknown, error } = await terminateEach(api, ids(200), live);
  expect(accepted).toHaveLength(197);
  expect(unknown).toEqual(['i-0003', 'i-0160']);
  expect(error?.message).toBe("terminating: OperationNotPermitted: 'i-0150'");
});

it('finds by halves what EC2 doesn’t name', async () => {
  const api = ec2(
    { 'i-0042': 'IncorrectInstanceState', 'i-0077': 'InvalidInstanceID.NotFound' },
    () => 'one of them',
  );
  const { accepted, unknown, error } = await terminateEach(api, ids(100), live);
  expect(accepted.toSorted()).toEqual(ids(100).filter((id) => id !== 'i-0042' && id !== 'i-0077'));
  expect([unknown, error?.message]).toEqual([['i-0077'], 'terminating: IncorrectInstanceState: one of them']);
  expect(api.calls.length).toBeLessThan(35);
});

it.each(['RequestLimitExceeded', 'UnauthorizedOperation'])(
  'asks no more of a chunk after %s',
  async (name) => {
    const api = ec2({ 'i-0001': name }, () => 'no');
    const { accepted, error } = await terminateEach(api, ids(150), live);
    expect([accepted, api.calls.length]).toEqual([ids(150).slice(100), 2]);
    expect(error?.message).toBe(`terminating: ${name}: no`);
  },
);

import { expect, it } from 'vitest';
import { policyFinder } from './find-policy.ts';
import { simulate } from './simulator.ts';

const files: Record<string, string> = {
  'two.yaml': 'groups: [{min: 2, max: 2}]',
  'one-per-request.yaml': `groups:
  - name: default
    min: 0
    max: 5
    policies: [{type: backlog, signal: queued_chunks, perReplica: 1}]
`,
  'broken.yaml': 'groups: [{maxx: 3}]',
};

const find = policyFinder((path) => {
  const text = files[path];
  if (text === undefined) throw new Error(`no such file: ${path}`);
  return text;
});

const system = { perReplica: 1, startupSeconds: 10, min: 0, initial: 0, max: 5 };

function run(name: string, requests: readonly number[]) {
  const policy = find(name);
  if ('problem' in policy) throw new Error(policy.problem);
  const counts: number[] = [];
  const result = simulate(requests, system, policy.start(system), {
    onSecond: (_second, desired) => void counts.push(desired),
  });
  return { result, counts };
}

it.each(['default', 'one-per-request.yaml'])('starts the first replica for the first request: %s', (name) => {
  const { counts, result } = run(name, [0, 0, 1, ...new Array<number>(30).fill(0)]);
  expect(counts.slice(0, 4)).toEqual([0, 0, 0, 1]);
  expect(result.unserved).toBe(0);
});

it('takes the last replica away when nothing came for the whole window', () => {
  const { counts } = run('default', [1, ...new Array<number>(1_500).fill(0)]);
  expect(counts.at(400)).toBe(1);
  expect(counts.at(-1)).toBe(0);
});

it('names what is wrong with a file, with its line', () => {
  expect(find('broken.yaml')).toEqual({
    problem: expect.stringContaining('broken.yaml:1 groups[0].maxx is not a setting, did you mean max?'),
  });
});

it('names the policies there are when there is no such file', () => {
  expect(find('knativ')).toEqual({
    problem: expect.stringMatching(
      /no such file: knativ.*default, hpa, hpa-002, aws-target-tracking, knative/,
    ),
  });
});

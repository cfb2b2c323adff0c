import type { JobResult } from './job.ts';
import { titleOf } from './traces.ts';

const CRITERIA = ['A', 'B', 'C', 'D', 'E', 'F'] as const;

/** The scores as Markdown: for each policy its cells, then how many of each criterion hold. */
export function toMarkdown(
  results: readonly JobResult[],
  policies: readonly string[],
  brief: boolean,
): string {
  return policies.map((policy) => ofPolicy(results, policy, brief)).join('\n');
}

function ofPolicy(results: readonly JobResult[], policy: string, brief: boolean): string {
  const lines = [`## ${policy}`, ''];
  if (!brief) {
    lines.push('Each cell: reached / allowed (what set the bar); ✗ marks one that does not hold.', '');
    lines.push(
      `| trace | rate | S | p99/hours/actions | ${CRITERIA.join(' | ')} |`,
      `|${' --- |'.repeat(10)}`,
    );
    for (const result of results) lines.push(rowOf(result, policy));
    lines.push('');
  }
  lines.push('| trace | A | B | C | D | E | F | all |', `|${' --- |'.repeat(8)}`);
  for (const trace of new Set(results.map(({ job }) => job.source.name)))
    lines.push(
      tallyOf(
        trace,
        results.filter(({ job }) => job.source.name === trace),
        policy,
      ),
    );
  lines.push(tallyOf('all', results, policy), '');
  return lines.join('\n');
}

function rowOf({ job, scored }: JobResult, policy: string): string {
  const one = scored.find((each) => each.policy === policy);
  if (one === undefined) return '';
  const { p99, hours, actions } = one.candidate.warm;
  const cells = CRITERIA.map((criterion) => {
    const verdict = one.verdicts.find((each) => each.criterion === criterion);
    if (verdict === undefined) return '';
    return `${verdict.holds ? '' : '✗ '}${number(verdict.reached)} / ${number(verdict.allowed)} (${verdict.bar})`;
  });
  const system = `${titleOf(job.source)} | mean/${job.rateDivisor} | ${job.startupSeconds}`;
  return `| ${system} | ${number(p99)}/${number(hours)}/${actions} | ${cells.join(' | ')} |`;
}

function tallyOf(title: string, results: readonly JobResult[], policy: string): string {
  const verdicts = results.flatMap(({ scored }) =>
    scored.filter((one) => one.policy === policy).flatMap((one) => one.verdicts),
  );
  const share = (among: typeof verdicts) =>
    among.length === 0 ? '' : `${among.filter(({ holds }) => holds).length}/${among.length}`;
  const cells = CRITERIA.map((criterion) => share(verdicts.filter((one) => one.criterion === criterion)));
  const held = verdicts.filter(({ holds }) => holds).length;
  const percent = Math.round((100 * held) / Math.max(1, verdicts.length));
  return `| ${title} | ${cells.join(' | ')} | ${share(verdicts)} (${percent} %) |`;
}

function number(value: number): string {
  return value === Infinity ? '∞' : value.toFixed(value < 20 ? 1 : 0);
}

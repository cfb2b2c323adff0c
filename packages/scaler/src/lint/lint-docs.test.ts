import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CDK_RULES } from './cdk/cdk-rules.ts';
import { CLOUDFORMATION_RULES } from './cloudformation/cloudformation-rules.ts';
import { KUBERNETES_RULES } from './kubernetes/kubernetes-rules.ts';
import { lintText } from './lint-text.ts';
import { OWN_RULES } from './own/own-rules.ts';

const docs = readFileSync(new URL('../../../../docs/scaler-lint.md', import.meta.url), 'utf8');

/** One fenced example of a rule's section. */
interface Example {
  readonly rule: string;
  readonly found: boolean;
  readonly file: string;
  readonly text: string;
}

const EXTENSIONS: Readonly<Record<string, string>> = { yaml: 'yaml', json: 'json', typescript: 'ts' };

const examples = docs
  .split(/^## /m)
  .slice(1)
  .flatMap((section): Example[] => {
    const rule = section.slice(0, section.indexOf('\n'));
    const [bad = '', good = ''] = section.split('\nInstead:\n');
    return [...examplesIn(bad, rule, true), ...examplesIn(good, rule, false)];
  });

function examplesIn(text: string, rule: string, found: boolean): Example[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = ''], i) => ({
    rule,
    found,
    file: `${rule}-${i + 1}.${EXTENSIONS[language]}`,
    text: code,
  }));
}

function rulesFound({ text, file }: Example): string[] {
  const result = lintText(text, file);
  if (result.kind === 'not-read') throw new Error(result.reason);
  return [...new Set(result.findings.map(({ rule }) => rule))];
}

describe('docs/scaler-lint.md', () => {
  it('has every rule, and no other', () => {
    const rules = [...OWN_RULES, ...CLOUDFORMATION_RULES, ...CDK_RULES, ...KUBERNETES_RULES].map(
      ({ id }) => id,
    );
    expect([...new Set(examples.map(({ rule }) => rule))].toSorted()).toEqual(
      [...new Set(['invalid', ...rules])].toSorted(),
    );
  });

  it.each(examples.filter(({ found }) => found))('finds the example of $rule in $file', (example) => {
    expect(rulesFound(example)).toContain(example.rule);
  });

  it.each(examples.filter(({ found }) => !found))('finds nothing in what $rule says instead', (example) => {
    expect(rulesFound(example).filter((rule) => !ALLOWED.includes(rule))).toEqual([]);
  });
});

/** What an example that is about something else may still have. */
const ALLOWED = ['work-in-progress-ignored', 'readiness-delay'];

import { CDK_RULES } from './cdk/cdk-rules.ts';
import { readCode } from './cdk/read-code.ts';
import { CLOUDFORMATION_RULES } from './cloudformation/cloudformation-rules.ts';
import type { Finding, Hit, Rule } from './finding.ts';
import { KUBERNETES_RULES } from './kubernetes/kubernetes-rules.ts';
import { lintOwn } from './own/lint-own.ts';
import { readDocuments, type Values } from './read-documents.ts';
import { at, items, mapping } from './values.ts';

/** What linting one file came to. */
export type LintResult =
  | { readonly kind: 'linted'; readonly findings: readonly Finding[] }
  /** Nothing in it that a rule is about. */
  | { readonly kind: 'not-read'; readonly reason: string };

/** Lints a file of any kind that is known, by its name and by what is in it; findings come in the order of lines. */
export function lintText(text: string, file: string): LintResult {
  if (/\.[cm]?[jt]sx?$/.test(file)) return linted(text, lintCode(text, file));
  if (file.endsWith('.tf'))
    return notRead(
      'Terraform is not read (its language needs a parser of 20 MB): lint what it makes, by hand',
    );
  if (!/\.(ya?ml|json)$/.test(file)) return notRead('only .yaml, .yml, .json, .ts and .js files are read');

  const documents = readDocuments(text);
  if (typeof documents === 'string') return notRead(documents);
  const known = documents.flatMap((document) => {
    const { value } = document;
    if (at(value, 'Resources') !== undefined)
      return [check(CLOUDFORMATION_RULES, { template: value }, file, document.lineOf)];
    if (isOwn(value)) return [lintOwn(text, file, value, document.lineOf)];
    return [];
  });
  const kubernetes = documents.some(({ value }) => at(value, 'apiVersion') !== undefined)
    ? [lintKubernetes(documents, file)]
    : [];
  const found = [...known, ...kubernetes];
  if (found.length === 0)
    return notRead('neither a configuration of the scaler, nor CloudFormation, nor Kubernetes manifests');
  return linted(text, found.flat());
}

function notRead(reason: string): LintResult {
  return { kind: 'not-read', reason };
}

/** Leaves out what a comment `lint-ignore RULE` on its line, or on the line before, allows. */
function linted(text: string, findings: readonly Finding[]): LintResult {
  const lines = text.split('\n');
  const ignored = ({ line, rule }: Finding) =>
    [lines[line - 1], lines[line - 2]].some((written) =>
      (/lint-ignore ([\w, -]+)/.exec(written ?? '')?.[1] ?? '').split(/[\s,]+/).includes(rule),
    );
  const kept = findings.filter((finding) => !ignored(finding));
  return { kind: 'linted', findings: kept.toSorted((a, b) => a.line - b.line) };
}

function isOwn(value: unknown): boolean {
  const keys = Object.keys(mapping(value));
  return keys.some((key) => OWN_KEYS.includes(key));
}

const OWN_KEYS = ['groups', 'gatewayUrl', 'alarms', 'signals', 'driver', 'drivers', 'dryRun', 'state'];

function lintCode(text: string, file: string): Finding[] {
  const subject = readCode(text);
  return CDK_RULES.flatMap(({ id, check: hitsOf }) =>
    hitsOf(subject).map((hit) => ({ file, rule: id, ...hit })),
  );
}

/** Pairs each autoscaler with what it scales; lists are opened. */
function lintKubernetes(documents: readonly Values[], file: string): Finding[] {
  const objects = documents.flatMap(({ value, lineOf }) => {
    if (at(value, 'kind') !== 'List') return [{ value, lineOf }];
    return items(at(value, 'items')).map((item, i) => ({
      value: item,
      lineOf: (path: readonly PropertyKey[]) => lineOf(['items', i, ...path]),
    }));
  });
  return objects
    .filter(({ value }) => at(value, 'kind') === 'HorizontalPodAutoscaler')
    .flatMap((hpa) => {
      const { kind, name } = mapping(at(hpa.value, 'spec', 'scaleTargetRef'));
      const target = objects.find(
        ({ value }) => at(value, 'kind') === kind && at(value, 'metadata', 'name') === name,
      );
      const lineOf = ([first, ...path]: readonly PropertyKey[]) =>
        (first === 'target' ? target : hpa)?.lineOf(path) ?? 1;
      return check(KUBERNETES_RULES, { hpa: hpa.value, target: target?.value }, file, lineOf);
    });
}

function check<Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
  file: string,
  lineOf: (path: readonly PropertyKey[]) => number,
): Finding[] {
  return rules.flatMap(({ id, check: hitsOf }) =>
    hitsOf(subject).map(({ path, why, instead }: Hit) => ({
      file,
      line: lineOf(path),
      rule: id,
      why,
      instead,
    })),
  );
}

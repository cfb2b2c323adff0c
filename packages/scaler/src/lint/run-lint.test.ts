import { describe, expect, it } from 'vitest';
import { runLint } from './run-lint.ts';

function run(argv: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const written = { out: '', err: '' };
  const status = runLint(argv, {
    stdout: (text) => {
      written.out += text;
    },
    stderr: (text) => {
      written.err += text;
    },
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return text;
    },
  });
  return { status, ...written };
}

const BAD = 'groups:\n  - name: a\n    min: 3\n    max: 3\n    policies: [{type: queued-work}]\n';

describe('forebay-scaler lint', () => {
  it('says where, why and what instead, and exits 1', () => {
    expect(run(['f.yaml'], { 'f.yaml': BAD })).toEqual({
      status: 1,
      out: `f.yaml:5 no-room
  min and max of a are both 3: whatever its policies ask for, nothing changes
  instead: a larger max, or no policies

1 finding in 1 file
`,
      err: '',
    });
  });

  it('exits 0 when nothing is found', () => {
    expect(run(['f.yaml', 'g.ts'], { 'f.yaml': 'groups: [{}]', 'g.ts': 'export const a = 1;' })).toEqual({
      status: 0,
      out: 'no findings in 2 files\n',
      err: '',
    });
  });

  it('prints JSON for programs', () => {
    expect(JSON.parse(run(['--json', 'f.yaml'], { 'f.yaml': BAD }).out)).toEqual([
      {
        file: 'f.yaml',
        line: 5,
        rule: 'no-room',
        why: 'min and max of a are both 3: whatever its policies ask for, nothing changes',
        instead: 'a larger max, or no policies',
      },
    ]);
  });

  it.each([
    ['on its line', BAD.replace('work}]', 'work}] # lint-ignore no-room')],
    ['on the line before', BAD.replace('    policies', '    # lint-ignore flapping, no-room\n    policies')],
  ])('leaves out what a comment %s allows', (_name, text) => {
    expect(run(['f.yaml'], { 'f.yaml': text }).status).toBe(0);
  });

  it('does not take a comment for another rule', () => {
    const text = BAD.replace('work}]', 'work}] # lint-ignore flapping');
    expect(run(['f.yaml'], { 'f.yaml': text }).status).toBe(1);
  });

  it.each([
    [['gone.yaml'], 'gone.yaml: cannot be read: ENOENT\n'],
    [['a.tf'], 'a.tf: not read: Terraform is not read'],
    [['a.txt'], 'a.txt: not read: only .yaml, .yml, .json, .ts and .js files are read\n'],
    [['a.yaml'], 'a.yaml: not read: neither a configuration of the scaler'],
    [['b.yaml'], 'b.yaml: not read: line 1 is not YAML'],
    [[], 'Usage: forebay-scaler lint'],
    [['--jsn'], "Unknown option '--jsn'"],
  ])('exits 2 for what it cannot read: %j', (argv, message) => {
    const { status, err } = run(argv, {
      'a.tf': '',
      'a.txt': '',
      'a.yaml': 'services: {}',
      'b.yaml': 'a: [',
    });
    expect([status, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('explains itself', () => {
    expect(run(['--help'])).toMatchObject({ status: 0, out: expect.stringContaining('lint-ignore') });
  });

  it('says each fault of a file that does not load, at its line', () => {
    const { out } = run(['f.yaml'], { 'f.yaml': 'port: 99999\ngroups:\n  - mni: 1\n' });
    expect(out).toContain('f.yaml:1 invalid\n  port must be an integer from 0 to 65535, got 99999\n');
    expect(out).toContain('f.yaml:3 invalid\n  groups[0].mni is not a setting, did you mean min?\n');
  });

  it('reads every document of a file and the items of lists', () => {
    const hpa =
      '{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: {minReplicas: 3, maxReplicas: 3}}';
    const text = `---\nkind: Namespace\napiVersion: v1\n---\napiVersion: v1\nkind: List\nitems:\n  - ${hpa}\n`;
    expect(run(['f.yaml'], { 'f.yaml': text }).out).toContain('f.yaml:8 hpa-fixed');
  });
});

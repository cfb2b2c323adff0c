import { parseArgs } from 'node:util';
import type { Finding } from './finding.ts';
import { lintText } from './lint-text.ts';

/** What the command needs of the outside. */
export interface LintIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Reads a whole file as UTF-8, throwing when it can't. */
  readonly readFile: (path: string) => string;
}

const USAGE = `Usage: forebay-scaler lint [--json] FILE…

Finds what quietly does nothing, or the wrong thing, in scaling configurations: this program's YAML, CDK programs
(.ts, .js), CloudFormation templates (cdk.out too) and Kubernetes manifests. docs/scaler-lint.md has every rule.
A comment "lint-ignore RULE" on the line, or on the one before, allows a finding.
Exits 0 when nothing was found, 1 when something was, 2 when a file could not be read.
`;

/** `forebay-scaler lint FILE…`; `argv` is what stands after `lint`. Returns the exit status. */
export function runLint(argv: readonly string[], io: LintIo): number {
  let files: readonly string[];
  let json: boolean;
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      io.stdout(USAGE);
      return 0;
    }
    files = positionals;
    json = values.json;
  } catch (error) {
    const [sentence] = String(error instanceof Error ? error.message : error).split('. ');
    io.stderr(`${sentence}\n\n${USAGE}`);
    return 2;
  }
  if (files.length === 0) {
    io.stderr(USAGE);
    return 2;
  }
  const results = files.map((file) => lintFile(file, io));
  const findings = results.flatMap((result) => result ?? []);
  const unread = results.filter((result) => result === undefined).length;
  io.stdout(json ? `${JSON.stringify(findings, undefined, 2)}\n` : shown(findings, files.length - unread));
  if (unread > 0) return 2;
  return findings.length > 0 ? 1 : 0;
}

/** The findings of a file, or nothing where it was not read, which is then said. */
function lintFile(file: string, io: LintIo): readonly Finding[] | undefined {
  let text: string;
  try {
    text = io.readFile(file);
  } catch (error) {
    io.stderr(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
  const result = lintText(text, file);
  if (result.kind === 'linted') return result.findings;
  io.stderr(`${file}: not read: ${result.reason}\n`);
  return undefined;
}

function shown(findings: readonly Finding[], read: number): string {
  const count = findings.length === 1 ? '1 finding' : `${findings.length || 'no'} findings`;
  const blocks = findings.map(
    ({ file, line, rule, why, instead }) => `${file}:${line} ${rule}\n  ${why}\n  instead: ${instead}\n\n`,
  );
  return `${blocks.join('')}${count} in ${read === 1 ? '1 file' : `${read} files`}\n`;
}

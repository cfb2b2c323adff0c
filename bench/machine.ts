import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** What was measured on, and with what: pairs for a list, `tools` among them. */
export function describeMachine(
  tools: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  const processors = cpus();
  return [
    ['CPU', `${processors.length} × ${processors[0]?.model ?? 'unknown'}`],
    ['memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ['system', `${type()} ${release().split('-')[0]}, ${process.arch}`],
    ['Node', process.version],
    ...tools,
    ['Forebay', `${versionIn('../package.json')}, commit ${commit()}`],
  ];
}

/** The load generator of `pnpm bench`. */
export function autocannonVersion(): string {
  return versionIn('./node_modules/autocannon/package.json');
}

function versionIn(path: string): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  );
  return manifest.version;
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', '../packages', '../nginx') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
  } catch {
    return 'unknown'; // no git, or no repository
  }
}

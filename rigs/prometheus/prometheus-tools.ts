import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { rigFolder, rigFolderFault } from '../rig-folder.ts';

const run = promisify(execFile);

/** Paths of the two programs of Debian's package `prometheus`. */
export interface PrometheusTools {
  readonly prometheus: string;
  readonly promtool: string;
}

export type FoundTools =
  | { readonly kind: 'found'; readonly tools: PrometheusTools }
  | { readonly kind: 'unavailable'; readonly because: string };

/** Those on the PATH, else those that were unpacked here before; undefined without either. Costs a few looks at the disk. */
export function findTools(): PrometheusTools | undefined {
  const unpacked = rigFolderFault('prometheus') === undefined ? [join(packageFolder(), 'usr', 'bin')] : [];
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...unpacked];
  for (const folder of folders) {
    const tools = { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
    if (isProgram(tools.prometheus) && isProgram(tools.promtool)) return tools;
  }
  return undefined;
}

/**
 * Unpacks Debian's package beside the rig's data: nothing of it is installed or started, and no root is needed. apt keeps its lists here too,
 * so that those of the machine are neither read nor changed. Several may do it at a time.
 */
export async function installTools(): Promise<FoundTools> {
  const found = findTools();
  if (found !== undefined) return { kind: 'found', tools: found };
  const fault = rigFolderFault('prometheus');
  if (fault !== undefined) return unavailable(fault);
  const apt = mkdtempSync(join(rigFolder('prometheus'), 'apt-'));
  const folders = ['state', 'lists', 'cache'].map((name) => join(apt, name));
  const [state = '', lists = '', cache = ''] = folders;
  try {
    for (const folder of [state, join(lists, 'partial'), join(cache, 'archives', 'partial')]) {
      mkdirSync(folder, { recursive: true });
    }
    const places = [`Dir::State=${state}`, `Dir::State::lists=${lists}`, `Dir::Cache=${cache}`];
    // As root apt would become a user who may not write here.
    const aptGet = (...args: string[]) =>
      run('apt-get', [...[...places, 'APT::Sandbox::User=root'].flatMap((each) => ['-o', each]), ...args], {
        cwd: apt,
        timeout: 180_000,
      });
    await aptGet('update');
    await aptGet('download', 'prometheus');
    const archive = readdirSync(apt).find((name) => /^prometheus_.*\.deb$/.test(name));
    if (archive === undefined) return unavailable('apt-get downloaded no package prometheus');
    // Under another name and then renamed, so that nobody ever finds half of it.
    await run('dpkg-deb', ['--extract', join(apt, archive), join(apt, 'package')]);
    renameSync(join(apt, 'package'), packageFolder());
  } catch (error) {
    // Somebody else may have been faster.
    if (findTools() === undefined) return unavailable(`Debian's package prometheus: ${lastLine(error)}`);
  } finally {
    rmSync(apt, { recursive: true, force: true });
  }
  const tools = findTools();
  return tools === undefined ? unavailable('the package has no prometheus') : { kind: 'found', tools };
}

function packageFolder(): string {
  return join(rigFolder('prometheus'), 'package');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // it isn't there, or not for us
  }
}

function unavailable(because: string): FoundTools {
  return { kind: 'unavailable', because };
}

function lastLine(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string }; // as execFile rejects
  return stderr.trim().split('\n').at(-1) || message;
}

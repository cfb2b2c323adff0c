import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rigFolder, rigFolderFault } from '../rig-folder.ts';

/** The services that suites use. `moto[server]` would bring 180 MB for others; the server itself needs flask alone. */
const PACKAGES = [
  'moto[autoscaling,cloudwatch,ec2,ecs,secretsmanager,sns,sqs]==5.2.5',
  'flask==3.1.3',
  'flask-cors==6.0.5',
];

export type FoundMoto =
  | { readonly kind: 'found'; readonly python: string }
  | { readonly kind: 'unavailable'; readonly because: string };

/** The Python that has moto, installed from PyPI (140 MB) where it isn't yet; several may do it at a time. */
export async function installMoto(): Promise<FoundMoto> {
  const fault = rigFolderFault('moto');
  if (fault !== undefined) return { kind: 'unavailable', because: fault };
  const folder = join(rigFolder('moto'), 'moto-5.2.5');
  const python = join(folder, 'bin', 'python3');
  if (existsSync(python)) return { kind: 'found', python };
  // Made under another name and then renamed, so that nobody ever finds half of it.
  const unfinished = `${folder}-${process.pid}`;
  try {
    await run('python3', ['-m', 'venv', unfinished], { timeout: 60_000 });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES];
    await run(join(unfinished, 'bin', 'python3'), pip, { timeout: 240_000 });
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(python)) return { kind: 'unavailable', because: reasonOf(error) };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return { kind: 'found', python };
}

const run = promisify(execFile);

function reasonOf(error: unknown): string {
  const { message, stderr } = error as { readonly message: string; readonly stderr?: string }; // of execFile
  const said = stderr?.trim().split('\n').at(-1);
  return `python3 could not install moto from PyPI: ${said || message}`;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docker, engineEnv, enginePaths } from '../engine.ts';
import { PLAIN_IMAGE } from '../plain-image.ts';
import { run } from '../run.ts';
import { REPOSITORY } from './program.ts';

const SERVICE = 'embed_djl-cpu';

/** The pinned Node of this repository, which the containers run. */
export const NODE: string = join(REPOSITORY, 'node_modules', nodePackage(), 'bin/node');

/** A task that Swarm means to keep running. */
export interface ShownTask {
  readonly state: string;
  /** Its container's name: service, slot and the task's own id. */
  readonly name: string;
}

/** `docker stack deploy`, with the model of this folder. */
export async function deployStack(model: string): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    HOME: enginePaths().folder,
    ...engineEnv(),
    SHOW_IMAGE: PLAIN_IMAGE,
    SHOW_NODE: nodePackage(),
    SHOW_REPOSITORY: REPOSITORY.replace(/\/$/, ''),
    SHOW_MODEL: model,
  };
  const file = fileURLToPath(new URL('stack.yml', import.meta.url));
  await run('docker', ['stack', 'deploy', '--resolve-image', 'never', '-c', file, 'embed'], { env });
}

export async function removeStack(): Promise<void> {
  await docker(['stack', 'rm', 'embed']);
}

/** What `docker service ps` says of those that shall run. */
export async function shownTasks(): Promise<readonly ShownTask[]> {
  const format = '{{.CurrentState}}\t{{.Name}}.{{.ID}}';
  const flags = ['--no-trunc', '--filter', 'desired-state=running', '--format', format];
  const text = await docker(['service', 'ps', SERVICE, ...flags]);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [state = '', name = ''] = line.split('\t');
      return { state: state.split(' ')[0]?.toLowerCase() ?? '', name };
    });
}

/** Services, containers and servers of the stack that are left, in words. */
export async function leftOfStack(): Promise<readonly string[]> {
  const lines = async (args: readonly string[]) =>
    (await docker(args)).split('\n').filter((line) => line !== '');
  const servers = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(SERVER));
  return [
    ...(await lines(['service', 'ls', '--filter', 'name=embed_', '--format', 'service {{.Name}}'])),
    ...(await lines(['ps', '--all', '--filter', `name=${SERVICE}`, '--format', 'container {{.Names}}'])),
    ...servers.map((pid) => `process ${pid}`),
  ];
}

/** As the stack file starts it. */
const SERVER = '/forebay/packages/local-backend/src/main.ts';

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has just ended
  }
}

function nodePackage(): string {
  return `node-linux-${process.arch}`;
}

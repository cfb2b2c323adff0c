import { expect, it } from 'vitest';
import { duelHelp, parseDuelCommand } from './duel-command.ts';
import { RIVALS } from './rivals.ts';
import { WORKLOADS } from './workloads.ts';

const named = (args: readonly string[]) => {
  const command = parseDuelCommand(args);
  if (command.kind === 'help') return 'help';
  const { rivals, workloads, ...rest } = command;
  return { ...rest, rivals: rivals.map(({ name }) => name), workloads: workloads.map(({ name }) => name) };
};
const everyone = {
  rivals: RIVALS.map(({ name }) => name),
  workloads: WORKLOADS.map(({ name }) => name),
};

it.each([
  ['everything', [], { quick: false, name: undefined, ...everyone }],
  ['what pnpm hands on', ['--', '--quick'], { quick: true, name: undefined, ...everyone }],
  [
    'one workload for all rivals',
    ['--only', 'mix', '--name', 'duel'],
    { quick: false, name: 'duel', ...everyone, workloads: ['mix'] },
  ],
  [
    'two rivals under one workload',
    ['--only', 'gateway', '--only', 'mix', '--only', 'nginx'],
    { quick: false, name: undefined, rivals: ['nginx', 'gateway'], workloads: ['mix'] },
  ],
])('reads %s', (_, args, expected) => {
  expect(named(args)).toEqual({ kind: 'run', ...expected });
});

it('helps before anything else, and names everything that can be chosen', () => {
  expect(named(['--help', '--quick'])).toBe('help');
  for (const { name } of [...RIVALS, ...WORKLOADS]) expect(duelHelp).toContain(`  ${name} `);
});

it.each([
  ['an unknown flag', ['--fast'], '--fast'],
  ['an unknown name', ['--only', 'traefik'], 'got traefik'],
  ['a name that is a path', ['--name', '../x'], 'got ../x'],
])('refuses %s', (_, args, message) => {
  expect(() => parseDuelCommand(args)).toThrow(message);
});

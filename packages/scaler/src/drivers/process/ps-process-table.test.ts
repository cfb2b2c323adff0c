import { expect, it } from 'vitest';
import { parsePs, psProcessTable } from './ps-process-table.ts';
import { toVariables } from './replica-markers.ts';

const markers = {
  pool: '/home/a b/state',
  group: 'default',
  id: 'replica 1',
  url: 'http://127.0.0.1:4000/predictions/m',
  healthUrl: 'http://127.0.0.1:4000/ping',
  launchedAtMs: 1,
};
const environment = Object.entries(toVariables(markers))
  .map(([name, value]) => `${name}=${value}`)
  .join(' ');
const STARTED = 'Wed Nov  5 08:18:31 2025';

it('reads pid, parent, start and variables of each process that has some', () => {
  const text = [
    `  501     1 Ss   ${STARTED}     /usr/bin/node server.js --name=x HOME=/home/a ${environment} TERM=xterm`,
    `  502   501 S+   ${STARTED}     /bin/sh -c ls`,
    `  503     1 Z    ${STARTED}     (node) ${environment}`,
    '',
  ].join('\n');
  const startedAt = Date.parse(STARTED);
  expect(parsePs(text)).toEqual([{ pid: 501, parentPid: 1, startedAt, variables: toVariables(markers) }]);
});

it('asks for the processes of one user, or for one process', async () => {
  const asked: (readonly string[])[] = [];
  const table = psProcessTable(501, async (args) => {
    asked.push(args.slice(0, 2));
    return '';
  });
  expect(await table.read(new AbortController().signal)).toEqual([]);
  expect(await table.find(7)).toBeUndefined();
  expect(asked).toEqual([
    ['-U', '501'],
    ['-p', '7'],
  ]);
});

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from './migrations.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { decision, NOW_MS, storeContract, tick } from './store-contract.test-support.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forebay-store-'));
  file = join(folder, 'state', 'scaler.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('in memory', () => {
  storeContract(() => openSqliteStore(':memory:'));

  it('writes a day of ticks in a moment', () => {
    const store = openSqliteStore(':memory:');
    const { epoch } = store.acquireLease('me', NOW_MS, 15_000) as { readonly epoch: number };
    const padding = { kind: 'missing', reason: 'x'.repeat(1_000), ageSeconds: 1 } as const;
    const signals = { ...decision().signals, padding };
    const before = process.cpuUsage();
    for (let i = 0; i < 17_280; i += 1) {
      store.commit(epoch, tick({ decidedAtMs: NOW_MS + 5_000 * i, signals }));
    }
    // Of the processor's time: what else the machine does is not the store's fault.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(2_000);
    store.close();
  });
});

describe('in a file', () => {
  storeContract(
    () => openSqliteStore(file),
    (store) => {
      store.close();
      return openSqliteStore(file);
    },
  );

  it('makes it for its owner alone, the folder too', () => {
    const store = openSqliteStore(file);
    const modes = [file, `${file}-wal`, join(folder, 'state')].map((path) =>
      (statSync(path).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(['600', '600', '700']);
    store.close();
  });

  it('shows what one store wrote to another on the same file, and gives the lease to one of them', () => {
    const [one, other] = [openSqliteStore(file), openSqliteStore(file)];
    expect(one.acquireLease('one', NOW_MS, 15_000)).toMatchObject({ kind: 'held', epoch: 1 });
    expect(other.acquireLease('other', NOW_MS, 15_000)).toMatchObject({ kind: 'other', holder: 'one' });
    one.commit(1, tick());
    expect(other.load('default').desired).toBe(3);
    expect(other.acquireLease('other', NOW_MS + 15_000, 15_000)).toMatchObject({ kind: 'held', epoch: 2 });
    expect(() => one.commit(1, tick())).toThrow('the lease of epoch 1 is lost: other has it under epoch 2');
    one.close();
    other.close();
  });

  it('is made once and leased once by processes that start at the same time', async () => {
    const ask = async (holder: string) => {
      const asker = runChild(`process.stdout.write(store.acquireLease('${holder}', ${NOW_MS}, 15000).kind);`);
      const [answer, faults] = await Promise.all([asker.stdout, asker.stderr].map(text));
      return `${answer}${/.*Error.*/.exec(faults ?? '') ?? ''}`;
    };
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(ask));
    expect(answers.toSorted()).toEqual(['held', 'other', 'other', 'other']);
  });

  it('is whole up to the last commit when the writer is killed', async () => {
    const writer = runChild(
      `const { epoch } = store.acquireLease('victim', ${NOW_MS}, 15000);
       const base = ${JSON.stringify(decision())};
       for (let i = 0; ; i += 1) {
         const decidedAtMs = ${NOW_MS} + i;
         const replicas = [{ id: String(i), group: 'default', launchedAtMs: decidedAtMs, state: { kind: 'launching' } }];
         store.commit(epoch, { decision: { ...base, decidedAtMs, signals: {}, current: i, target: i + 1 }, desired: i + 1, replicas, startups: [] });
         if (i % 20 === 0) process.stdout.write(i + '\\n');
       }`,
    );
    let said = '';
    let faults = '';
    writer.stderr.on('data', (data) => {
      faults += data;
    });
    await new Promise<void>((resolve) => {
      writer.on('exit', () => resolve());
      writer.stdout.on('data', (data) => {
        said += data;
        if (said.split('\n').length > 3) resolve();
      });
    });
    writer.kill('SIGKILL');
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
    const announced = Number(said.trim().split('\n').at(-1));
    expect(`${announced} ${faults}`).toMatch(/^\d+ (?!.*Error)/);
    const store = openSqliteStore(file);
    const { desired, replicas, lastScaling } = store.load('default');
    const [last] = store.decisions(1);
    const i = (desired ?? 0) - 1;
    expect(i).toBeGreaterThanOrEqual(announced);
    expect([last?.current, replicas[0]?.id, lastScaling?.to]).toEqual([i, String(i), i + 1]);
    expect(store.decisions(1_000_000)).toHaveLength(i + 1);
    store.close();
  });

  it('reads a file of version 1, whose replicas were starting or had an end of their own', () => {
    openSqliteStore(file).close();
    rmSync(file);
    const database = new DatabaseSync(file);
    database.exec(MIGRATIONS[0] ?? '');
    database.exec('PRAGMA application_id = 1718579813; PRAGMA user_version = 1;');
    const old = (id: string, rest: object) => ({ id, group: 'default', launchedAtMs: 7, ...rest });
    const replicas = [
      old('a', { state: { kind: 'starting' } }),
      old('b', { url: 'http://b/m', seenAtMs: 8, state: { kind: 'ready', readyAtMs: 9 } }),
      old('c', {
        state: { kind: 'draining', sinceMs: 1, deadlineMs: 2 },
        removing: { sinceMs: 3, because: 'it is empty' },
      }),
    ];
    const put = database.prepare('INSERT INTO groups (name, desired, replicas) VALUES (?, 2, ?)');
    put.run('default', JSON.stringify(replicas));
    put.run('none', '[]');
    database.close();
    const store = openSqliteStore(file);
    expect([store.load('default').replicas, store.load('none').replicas]).toEqual([
      [
        old('a', { state: { kind: 'launching' } }),
        replicas[1],
        old('c', { state: { kind: 'terminating', sinceMs: 3, cause: 'not_needed', because: 'it is empty' } }),
      ],
      [],
    ]);
    store.close();
  });

  it.each([
    ['is no database', () => writeFileSync(file, 'x'.repeat(4_096)), 'file is not a database'],
    [
      'is of another program',
      () => alter('CREATE TABLE t (x)', 'PRAGMA application_id = 7'),
      'another program',
    ],
    ['is of a newer version', () => alter('PRAGMA user_version = 99'), 'of version 99, this program knows'],
  ])('refuses a file that %s', (_name, spoil, message) => {
    openSqliteStore(file).close();
    spoil();
    expect(() => openSqliteStore(file)).toThrow(
      expect.objectContaining({ code: 'SCALER_STORE', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    ['broken JSON', '{', 'replicas is damaged: it is not JSON'],
    ['a wrong shape', '[{"id": 7}]', 'replicas is damaged: 0.id '],
  ])('names a row with %s', (_name, text, message) => {
    const store = openSqliteStore(file);
    store.acquireLease('me', NOW_MS, 15_000);
    store.commit(1, tick());
    alter(`UPDATE groups SET replicas = '${text}'`, `UPDATE decisions SET record = '{}'`);
    expect(() => store.load('default')).toThrow(`${file}: group default: ${message}`);
    expect(() => store.decisions(1)).toThrow(`${file}: decision 1 is damaged: `);
    store.close();
  });

  it('says with a code that it can’t be opened or is closed', () => {
    writeFileSync(join(folder, 'plain'), '');
    const where = join(folder, 'plain', 'scaler.db');
    expect(() => openSqliteStore(where)).toThrow(expect.objectContaining({ code: 'SCALER_STORE' }));
    const store = openSqliteStore(file);
    store.close();
    store.close();
    expect(() => store.load('default')).toThrow(expect.objectContaining({ code: 'SCALER_STORE' }));
  });
});

function alter(...statements: readonly string[]): void {
  const database = new DatabaseSync(file);
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** Runs `code` in a process of its own, where `store` is open on the file. */
function runChild(code: string): ChildProcessWithoutNullStreams {
  const here = new URL('./sqlite-store.ts', import.meta.url).href;
  const opening = `const { openSqliteStore } = await import('${here}'); const store = openSqliteStore('${file}');`;
  return spawn(process.execPath, ['--input-type=module', '-e', `${opening}\n${code}`]);
}

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import { eventually, ScalerSite, type SpawnedScaler } from './scaler-site.ts';

const ready = (scaler: SpawnedScaler, count: number) =>
  eventually(
    async () => (await scaler.ask('GET', '/scaling/status')).body,
    ({ ready_instances }) => ready_instances === count,
  );

/** Writes what is no list where the replicas stand; gives back what stood there. */
function damage(path: string, replicas = 'no list'): string {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  const before = database.prepare("SELECT replicas FROM groups WHERE name = 'default'").get()?.replicas;
  database
    .prepare(
      "INSERT INTO groups (name, replicas) VALUES ('default', ?) ON CONFLICT (name) DO UPDATE SET replicas = excluded.replicas",
    )
    .run(replicas);
  database.close();
  return String(before);
}

describe.concurrent('told to stop', { timeout: 60_000 }, () => {
  it('leaves its replicas, which the next start takes over', async () => {
    await using site = await ScalerSite.open();
    const first = await site.start();
    await ready(first, 2);
    const backends = await first.ask('GET', '/v1/backends');
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(await site.alive()).toEqual(site.launched().toSorted());
    const next = await site.start();
    await eventually(
      () => next.said(),
      (said) => said.includes('this scaler acts'),
    );
    await ready(next, 2);
    expect((await next.ask('GET', '/v1/backends')).body).toEqual(backends.body);
    expect(site.launched().length).toBe(2);
  });

  it('ends its replicas where onStop is end, and the next start launches as many', async () => {
    await using site = await ScalerSite.open();
    const first = await site.start({ SCALER_ON_STOP: 'end' });
    await ready(first, 2);
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(await site.alive()).toEqual([]);
    const next = await site.start();
    await eventually(
      () => site.launched().length,
      (count) => count === 4,
    );
    await ready(next, 2);
    expect(new Set(site.launched()).size).toBe(4);
  });

  it('begins anew after its replicas were ended: with the initial count, whatever there was', async () => {
    await using site = await ScalerSite.open();
    const first = await site.start({ SCALER_ON_STOP: 'end' });
    await ready(first, 2);
    await first.ask('POST', '/scaling/scale', { target_instances: 4, reason: 'test', expires_in_seconds: 1 });
    await ready(first, 4);
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    const next = await site.start();
    expect((await ready(next, 2)).desired_instances).toBe(2);
    expect(site.launched().length).toBe(6);
  });

  it('ends nothing in a dry run, whatever onStop says', async () => {
    await using site = await ScalerSite.open();
    const first = await site.start();
    await ready(first, 2);
    first.signal('SIGTERM');
    await first.ended;
    const dry = await site.start({ SCALER_DRY_RUN: '1', SCALER_ON_STOP: 'end' });
    await ready(dry, 2);
    dry.signal('SIGTERM');
    expect(await dry.ended).toBe(0);
    expect(await site.alive()).toEqual(site.launched().toSorted());
  });

  it('ends none of another that acts', async () => {
    await using site = await ScalerSite.open();
    const leader = await site.start();
    await ready(leader, 2);
    const standby = await site.start({ SCALER_ON_STOP: 'end' });
    await eventually(
      () => standby.said(),
      (said) => said.includes('standing by'),
    );
    standby.signal('SIGTERM');
    expect(await standby.ended).toBe(0);
    expect(await site.alive()).toEqual(site.launched().toSorted());
    expect(site.launched().length).toBe(2);
  });

  it('ends at a second signal, and at once', async () => {
    await using site = await ScalerSite.open({}, { TINY_MODE: 'deaf' });
    const scaler = await site.start({ SCALER_ON_STOP: 'end' });
    await ready(scaler, 2);
    scaler.signal('SIGTERM');
    await eventually(
      () => scaler.said(),
      (said) => said.includes('stopping'),
    );
    scaler.signal('SIGTERM');
    expect(await scaler.ended).toBe(1);
  });
});

describe.concurrent('killed', { timeout: 60_000 }, () => {
  it('goes on at the next start with the replicas that there are, when the lease has ended', async () => {
    await using site = await ScalerSite.open();
    const first = await site.start();
    await ready(first, 2);
    first.signal('SIGKILL');
    await first.ended;
    const next = await site.start();
    expect((await ready(next, 2)).desired_instances).toBe(2);
    await next.ask('POST', '/scaling/scale', { target_instances: 3, reason: 'test' });
    await ready(next, 3);
    expect(site.launched().length).toBe(3);
    expect(await site.alive()).toEqual(site.launched().toSorted());
  });
});

describe.concurrent('with something in its way', { timeout: 60_000 }, () => {
  /** What it says, without the log's lines, and its exit code. */
  async function fate(site: ScalerSite, env: Readonly<Record<string, string>> = {}) {
    const scaler = site.spawn(env);
    const code = await scaler.ended;
    return { code, said: scaler.said().trimEnd() };
  }

  it('says that the state file is none of its own', async () => {
    await using site = await ScalerSite.open();
    await writeFile(site.state, 'no database at all '.repeat(100));
    expect(await fate(site)).toEqual({ code: 1, said: `${site.state}: file is not a database` });
  });

  it('says that the state file is of a newer version', async () => {
    await using site = await ScalerSite.open();
    openSqliteStore(site.state).close();
    const database = new DatabaseSync(site.state);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const { code, said } = await fate(site);
    expect(code).toBe(1);
    expect(said).toBe(
      `${site.state}: it is of version 99, this program knows those up to 2: run a newer one`,
    );
  });

  it('says that the state file is damaged inside', async () => {
    await using site = await ScalerSite.open();
    openSqliteStore(site.state).close();
    damage(site.state);
    expect(await fate(site)).toEqual({
      code: 1,
      said: `${site.state}: group default: replicas is damaged: it is not JSON`,
    });
  });

  it('goes on when its state could not be read for a while', async () => {
    await using site = await ScalerSite.open();
    const scaler = await site.start();
    await ready(scaler, 2);
    scaler.signal('SIGSTOP'); // a commit of it would mend the state
    const intact = damage(site.state);
    scaler.signal('SIGCONT');
    await eventually(
      () => scaler.said(),
      (said) => said.includes('a tick failed'),
    );
    expect((await scaler.ask('GET', '/scaling/status')).status).toBe(503);
    damage(site.state, intact);
    await ready(scaler, 2);
    await scaler.ask('POST', '/scaling/scale', { target_instances: 3, reason: 'test' });
    await ready(scaler, 3);
    expect(site.launched().length).toBe(3);
  });

  it('says that the folder of the state file can not be made or written to', async () => {
    await using site = await ScalerSite.open();
    await writeFile(`${site.dir}/file`, '');
    const inFile = await fate(site, { SCALER_STATE: `${site.dir}/file/state.db` });
    expect(inFile.code).toBe(1);
    expect(inFile.said).toContain(`${site.dir}/file`);
    // Nobody may make a folder there, not even root.
    const { code, said } = await fate(site, { SCALER_STATE: '/sys/forebay/state.db' });
    expect(code).toBe(1);
    expect(said).toMatch(/^\/sys\/forebay\/state\.db: .*(permission denied|not permitted)/);
  });

  it('says that its port is taken, and launches nothing', async () => {
    await using site = await ScalerSite.open();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo; // it listens on a port
    const { code, said } = await fate(site, { SCALER_PORT: String(port) });
    other.close();
    expect({ code, said }).toEqual({
      code: 1,
      said: `cannot listen on 127.0.0.1:${port} (EADDRINUSE): set SCALER_HOST and SCALER_PORT to a free address`,
    });
    expect(site.launched()).toEqual([]);
  });
});

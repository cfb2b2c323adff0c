import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { eventually, ScalerSite, type SpawnedScaler } from '../../test/scaler-site.ts';

const ready = (scaler: SpawnedScaler, count: number) =>
  eventually(
    async () => (await scaler.ask('GET', '/scaling/status')).body,
    ({ ready_instances }) => ready_instances === count,
  );

describe.concurrent('replicas of the program', { timeout: 60_000 }, () => {
  it('replaces one that was killed from outside', async () => {
    await using site = await ScalerSite.open();
    const scaler = await site.start();
    await ready(scaler, 2);
    const [killed] = site.ledger();
    process.kill(killed?.pid ?? 0, 'SIGKILL');
    await eventually(
      () => site.launched().length,
      (count) => count === 3,
    );
    await ready(scaler, 2);
    expect(await site.alive()).toEqual(site.launched().slice(1).toSorted());
  });

  it('waits longer and longer between launches of a command that crashes at once, and says why', async () => {
    await using site = await ScalerSite.open({}, { TINY_MODE: 'broken' });
    const scaler = await site.start();
    await systemClock.sleep(30_000);
    // 2 at 0 s, 2 when 5 s are up, 2 when 20 s more are up.
    expect(site.launched().length).toBeLessThanOrEqual(6);
    const { reason, limits } = await eventually(
      async () => (await scaler.ask('GET', '/scaling/decision')).body,
      (decision) => JSON.stringify(decision.limits).includes('failed-starts'),
    );
    expect(reason).toMatch(
      /^No change at 2, 2 wanted: failed-starts, \d start-ups in a row failed, the last one: /,
    );
    expect(limits).toMatchObject([
      {
        name: 'failed-starts',
        from: 2,
        to: 0,
        because: expect.stringMatching(
          /ended before it answered, with exit code 3: .*no such model \(log .*\.log\)$/,
        ),
      },
    ]);
    expect(scaler.said()).toContain('no such model');
  });

  it('keeps replicas whose command was changed, and launches new ones by the new one', async () => {
    await using site = await ScalerSite.open();
    const first = await site.start();
    await ready(first, 2);
    first.signal('SIGTERM');
    await first.ended;
    await site.configure({ initial: 3, min: 3 }, { VERSION: '2' });
    const next = await site.start();
    await ready(next, 3);
    expect(site.launched().length).toBe(3);
    const { backends } = (await next.ask('GET', '/v1/backends')).body as {
      backends: readonly { readonly url: string }[];
    };
    const versions = await Promise.all(
      backends.map(async ({ url }) => {
        const env = (await (await fetch(new URL('/env', url))).json()) as Record<string, string>; // as tiny-server.mjs answers
        return env.VERSION;
      }),
    );
    expect(versions).toEqual([undefined, undefined, '2']);
  });

  it('takes its replicas over when its state is named by another path', async () => {
    await using site = await ScalerSite.open();
    const first = await site.start();
    await ready(first, 2);
    first.signal('SIGTERM');
    await first.ended;
    await symlink(site.dir, `${site.dir}/again`);
    const next = await site.start({ SCALER_STATE: `${site.dir}/again/state.db` });
    await eventually(
      () => next.said(),
      (said) => said.includes('this scaler acts'),
    );
    await systemClock.sleep(3_000);
    expect(site.launched().length).toBe(2);
    expect(await site.alive()).toEqual(site.launched().toSorted());
  });
});

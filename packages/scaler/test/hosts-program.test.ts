import { expect, it } from 'vitest';
import { eventually, ScalerSite, type SpawnedScaler } from './scaler-site.ts';

type Host = { readonly id: string; readonly state: string; readonly because: string | null };

const hosts = async (scaler: SpawnedScaler) =>
  (await scaler.ask('GET', '/v1/hosts')).body.hosts as readonly Host[];
const shown = async (scaler: SpawnedScaler) =>
  Object.fromEntries(
    ((await scaler.ask('GET', '/v1/backends')).body.backends as readonly Host[]).map(({ id, state }) => [
      id,
      state,
    ]),
  );

it('a scaler takes a host that says it is unhealthy out of the list of backends, and replaces it', {
  timeout: 60_000,
}, async () => {
  await using site = await ScalerSite.open();
  const scaler = await site.start();
  const before = await eventually(
    () => hosts(scaler),
    (list) => list.length === 2 && list.every(({ state }) => state === 'ready'),
  );
  const [sick, well] = before.map(({ id }) => id);
  const report = { state: 'unhealthy', because: 'disk full' };
  expect(await scaler.ask('POST', `/v1/hosts/${sick}`, report)).toMatchObject({
    status: 200,
    body: { known: true, id: sick, group: 'default', state: 'ready' },
  });
  const after = await eventually(
    () => hosts(scaler),
    (list) => list.filter(({ id, state }) => id !== sick && state === 'ready').length === 2,
  );
  // No gateway answers here, so that nobody can say that it is empty: it stays until its time is up.
  expect(after.find(({ id }) => id === sick)).toMatchObject({ state: 'unhealthy', because: 'disk full' });
  expect(await shown(scaler)).toMatchObject({ [well ?? '']: 'ready' });
  expect((await shown(scaler))[sick ?? '']).toBe('draining');
  expect(site.launched().length).toBe(3);
});

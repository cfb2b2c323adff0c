import { describe, expect, it } from 'vitest';
import { startApi } from './api-under-test.ts';

describe('/scaling/priorities', () => {
  const MATCH = { match_id: 'match-123', priority: 8, resource_allocation: 30 };

  it('keeps, replaces, lists and forgets them; a match_id is echoed', async () => {
    await using api = await startApi();
    const post = (body: unknown) => api.call('/scaling/priorities', { method: 'POST', body });
    const first = await post(MATCH);
    expect([first.status, first.json()]).toEqual([201, { id: 'match-123', ...MATCH, weight: 4.525 }]);
    const second = await post({ id: 'match-123', priority: 5, resource_allocation: 0 });
    expect([second.status, second.json()]).toEqual([
      200,
      { id: 'match-123', priority: 5, resource_allocation: 0, weight: 1 },
    ]);
    expect((await api.call('/scaling/priorities')).json()).toEqual({
      priorities: [
        { id: 'match-123', match_id: 'match-123', priority: 5, resource_allocation: 0, weight: 1 },
      ],
    });
    const drop = () => api.call('/scaling/priorities/match-123', { method: 'DELETE' });
    const [dropped, again] = [await drop(), await drop()];
    expect([dropped.status, dropped.json()]).toEqual([
      200,
      { id: 'match-123', match_id: 'match-123', deleted: true },
    ]);
    expect([again.status, again.json()]).toEqual([
      404,
      { error: { message: 'there is no priority of "match-123"', code: 'not_found' } },
    ]);
  });

  it('takes an id of any printable characters, percent-encoded in the path', async () => {
    await using api = await startApi();
    const id = 'a/b c?%:é'.replace('é', '~');
    await api.call('/scaling/priorities', {
      method: 'POST',
      body: { id, priority: 0, resource_allocation: 100 },
    });
    const path = `/scaling/priorities/${encodeURIComponent(id)}`;
    expect((await api.call(path, { method: 'DELETE' })).status).toBe(200);
    expect((await api.call('/scaling/priorities/%zz', { method: 'DELETE' })).status).toBe(400);
  });

  it.each([
    [{ ...MATCH, priority: 11 }, 'priority'],
    [{ ...MATCH, priority: -0.1 }, 'priority'],
    [{ ...MATCH, priority: '8' }, 'priority'],
    [{ match_id: 'm', resource_allocation: 1 }, 'priority'],
    [{ ...MATCH, resource_allocation: 101 }, 'resource_allocation'],
    [{ ...MATCH, resource_allocation: -1 }, 'resource_allocation'],
    [{ match_id: 'm', priority: 1 }, 'resource_allocation'],
    [{ priority: 1, resource_allocation: 1 }, 'id'],
    [{ ...MATCH, match_id: '' }, 'match_id'],
    [{ ...MATCH, match_id: ' m' }, 'match_id'],
    [{ ...MATCH, match_id: 'é' }, 'match_id'],
    [{ ...MATCH, match_id: 'x'.repeat(129) }, 'match_id'],
    [{ ...MATCH, match_id: 7 }, 'match_id'],
    [{ ...MATCH, id: 'other' }, 'match_id'],
    [{ ...MATCH, matchid: 'm' }, 'matchid'],
  ])('refuses %j, naming %s', async (body, field) => {
    await using api = await startApi();
    const answer = await api.call('/scaling/priorities', { method: 'POST', body });
    expect([answer.status, answer.json()]).toMatchObject([
      400,
      { error: { field, code: 'invalid_request' } },
    ]);
    expect(api.store.priorities()).toEqual([]);
  });
});

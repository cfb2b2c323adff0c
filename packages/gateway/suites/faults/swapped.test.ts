import { expectedVector } from '@forebay/testing';
import { expect, it } from 'vitest';
import { djlApi } from '../../test/apis.ts';
import { postJson } from '../../test/exchange.ts';
import { startBackends } from './backend-process.ts';
import { startGatewayOf } from './gateway-of.ts';
import { newTexts, sendOne } from './load.ts';
import { isWanted } from './report.ts';

// Two right vectors in each other's place are sound in number, form, size and norm. Only computing them again would tell, so no gateway
// can. What can be done is in a backend's hands; this test says what happens, so that nobody believes otherwise.
it.skipIf(!isWanted('swapped'))('vectors that a backend swapped reach the caller swapped', async () => {
  const backends = await startBackends(1);
  await using backend = backends[0];
  await using gateway = await startGatewayOf(backends);
  await backend?.setFaults([{ kind: 'swapped', index: 0 }]);
  const { text } = await postJson(`${gateway.origin}${djlApi.path}`, djlApi.body(['first', 'second']));
  expect(djlApi.vectors(text)).toEqual([expectedVector('second'), expectedVector('first')]);
  // And the suite's own check sees it, as it would any wrong vector.
  expect((await sendOne(gateway.origin, djlApi, newTexts(2), 5_000)).verdict).toBe('wrong');
});

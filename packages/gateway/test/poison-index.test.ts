import { startSimulatedBackend } from '@forebay/testing';
import { expect, it } from 'vitest';
import { embed, openaiApi } from './apis.ts';
import { startGatewayUnderTest } from './gateway-under-test.ts';

it('names the refused text itself while texts before it are still unanswered elsewhere', async () => {
  await using slow = await startSimulatedBackend({ workers: 4 });
  await using one = await startSimulatedBackend();
  await using other = await startSimulatedBackend();
  await using gateway = await startGatewayUnderTest({
    DJL_URLS: [slow, one, other].map(({ djlUrl }) => djlUrl).join(),
  });
  slow.setFault({ kind: 'slow', extraMs: 1_000 });
  for (const backend of [one, other]) backend.setFault({ kind: 'poison', marker: 'poison' });
  const texts = Array.from({ length: 24 }, (_, i) => (i % 8 === 5 ? `poison ${i}` : `text ${i}`));
  const answer = await embed(gateway.origin, openaiApi, texts);
  const { param, code } = JSON.parse(answer.text).error;
  const index = Number(/^input\[(\d+)\]$/.exec(param)?.[1]);
  expect({ code, text: texts[index] }).toEqual({ code: 'invalid_input', text: `poison ${index}` });
});

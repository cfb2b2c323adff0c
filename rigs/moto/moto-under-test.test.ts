import { afterAll, describe, expect, it } from 'vitest';
import { motoUnderTest } from './moto-under-test.ts';

const moto = await motoUnderTest();
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

describe.skipIf(moto.kind === 'unavailable')('moto', () => {
  afterAll(() => moto.close());

  async function ecs(action: string, body: object): Promise<unknown> {
    const credential = `testing/20260101/${moto.region}/ecs/aws4_request`;
    const answer = await fetch(moto.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`,
      },
      body: JSON.stringify(body),
    });
    return answer.json();
  }

  it('plays AWS until it is reset', async () => {
    await ecs('CreateCluster', { clusterName: 'embed' });
    expect(await ecs('ListClusters', {})).toMatchObject({
      clusterArns: [expect.stringContaining('cluster/embed')],
    });
    await moto.reset();
    expect(await ecs('ListClusters', {})).toMatchObject({ clusterArns: [] });
  });
});

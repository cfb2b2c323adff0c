import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stub of the metadata service (no EC2 instance is to be had for tests): version 2 over a real socket, saying what a test put there. */
export interface MetadataStub extends AsyncDisposable {
  readonly url: string;
  /** Texts by path after `/latest/meta-data/`; what isn't there is answered with 404. */
  readonly values: Map<string, string>;
  /** How many session tokens were given out. */
  tokens(): number;
  /** Makes the tokens given out so far invalid. */
  forgetTokens(): void;
  /** Whether it answers at all; else it keeps connections open and says nothing. */
  answers: boolean;
}

export async function startMetadataStub(
  values: Readonly<Record<string, string>> = {},
): Promise<MetadataStub> {
  const valid = new Set<string>();
  let given = 0;
  const server = createServer((request, response) => {
    if (!stub.answers) return;
    const answer = (status: number, text: string) => void response.writeHead(status).end(text);
    const { method, url = '', headers } = request;
    // What a request through a proxy carries is refused, as by the real one.
    if (headers['x-forwarded-for'] !== undefined) return answer(403, '');
    if (url === '/latest/api/token') {
      const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds']);
      if (method !== 'PUT') return answer(405, '');
      if (!(seconds >= 1 && seconds <= 21_600)) return answer(400, '');
      given += 1;
      valid.add(`token-${given}`);
      return answer(200, `token-${given}`);
    }
    if (!valid.has(String(headers['x-aws-ec2-metadata-token']))) return answer(401, 'Unauthorized');
    const value = stub.values.get(decodeURIComponent(url.replace('/latest/meta-data/', '')));
    return value === undefined ? answer(404, 'Not Found') : answer(200, value);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stub: MetadataStub = {
    // It listens on TCP.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    values: new Map(Object.entries(values)),
    tokens: () => given,
    forgetTokens: () => valid.clear(),
    answers: true,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return stub;
}

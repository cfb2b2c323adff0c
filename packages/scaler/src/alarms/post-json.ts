import { request as requestOverHttp } from 'node:http';
import { request as requestOverTls } from 'node:https';

/** Posts a value as JSON; resolves with the status as soon as the answer begins, rejects when there is none. */
export type PostJson = (url: string, body: unknown, signal: AbortSignal) => Promise<number>;

/** Over a connection of its own; redirects are not followed, the answer's body is not read. */
export const postJson: PostJson = (url, body, signal) =>
  new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const send = url.startsWith('https:') ? requestOverTls : requestOverHttp;
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = send(url, { method: 'POST', agent: false, headers, signal }, (response) => {
      resolve(response.statusCode ?? 0);
      // An abort after this is no error that anybody waits for.
      response.on('error', () => response.destroy());
      response.destroy();
    });
    sent.on('error', reject);
    sent.end(text);
  });

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Transport, TransportRequest } from './transport.ts';
import { type UndiciTransportOptions, undiciTransport } from './undici-transport.ts';

const open: { server?: Server; transport?: Transport } = {};

afterEach(async () => {
  await open.transport?.close();
  open.server?.closeAllConnections();
  await new Promise((resolve) => (open.server ? open.server.close(resolve) : resolve(undefined)));
  open.server = undefined as never;
  open.transport = undefined as never;
});

/** A server that answers like this, and a transport to it under `host`. */
async function connect(
  listener: RequestListener,
  options: UndiciTransportOptions = {},
  host = '127.0.0.1',
): Promise<Transport> {
  const server = createServer(listener);
  open.server = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  open.transport = undiciTransport(options)(`http://${host}:${port}`);
  return open.transport;
}

const request = (given: Partial<TransportRequest> = {}): TransportRequest => ({
  method: 'POST',
  path: '/predictions/m?x=1',
  headers: { 'content-type': 'application/json' },
  body: '{"inputs":["é"]}',
  signal: new AbortController().signal,
  ...given,
});

describe('undiciTransport', () => {
  it('sends what it is given and gives back status, headers and the whole body', async () => {
    const transport = await connect((received, response) => {
      const parts: Buffer[] = [];
      received.on('data', (part: Buffer) => parts.push(part));
      received.on('end', () => {
        response.writeHead(
          503,
          [
            ['Retry-After', '2'],
            ['x-twice', 'a'],
            ['x-twice', 'b'],
          ].flat(),
        );
        const { method, url, headers } = received;
        response.write(`${method} ${url} ${headers['content-type']} `);
        setImmediate(() => response.end(Buffer.concat(parts)));
      });
    });
    const { status, headers, body } = await transport.send(request());
    expect({ status, body: body.toString() }).toEqual({
      status: 503,
      body: 'POST /predictions/m?x=1 application/json {"inputs":["é"]}',
    });
    expect(headers).toMatchObject({ 'retry-after': '2', 'x-twice': 'a, b' });
  });

  it('sends a GET without a body and takes an empty answer', async () => {
    const transport = await connect(({ method, headers }, response) => {
      response.writeHead(method === 'GET' && headers['content-length'] === undefined ? 200 : 500).end();
    });
    const { body: _none, ...get } = request({ method: 'GET', path: '/models', headers: {} });
    expect(await transport.send(get)).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  it('follows no redirect: where a backend is, only its list says', async () => {
    let asked = 0;
    const transport = await connect(({ headers }, response) => {
      asked += 1;
      response.writeHead(307, { location: `http://${headers.host}/elsewhere` }).end();
    });
    expect({ status: (await transport.send(request())).status, asked }).toEqual({ status: 307, asked: 1 });
  });

  it('uses its connections again', async () => {
    const sockets = new Set<unknown>();
    const transport = await connect(({ socket }, response) => {
      sockets.add(socket);
      response.end('ok');
    });
    for (let i = 0; i < 20; i += 1) await transport.send(request());
    // A next request in the very turn of an answer's end takes a second one.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('has one exchange at a time on each connection, and as many connections as it may', async () => {
    let running = 0;
    let most = 0;
    const transport = await connect(
      (_request, response) => {
        running += 1;
        most = Math.max(most, running);
        setTimeout(() => {
          running -= 1;
          response.end('ok');
        }, 5);
      },
      { connections: 3 },
    );
    await Promise.all(Array.from({ length: 9 }, () => transport.send(request())));
    expect(most).toBe(3);
  });

  it.each<[string, RequestListener]>([
    ['before the answer', ({ socket }) => socket.resetAndDestroy()],
    [
      'in the middle of the answer',
      ({ socket }, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half');
        setTimeout(() => socket.destroy(), 5);
      },
    ],
  ])('says that a connection broke that ended %s', async (_fact, listener) => {
    const transport = await connect(listener);
    await expect(transport.send(request())).rejects.toMatchObject({
      name: 'TransportError',
      kind: 'broken',
      message: expect.stringMatching(
        /^the connection to http:\/\/127\.0\.0\.1:\d+ broke before the answer was whole/,
      ),
    });
  });

  it('says that nothing was sent where nobody listens', async () => {
    const transport = await connect(() => undefined);
    await new Promise((resolve) => open.server?.close(resolve));
    await expect(transport.send(request())).rejects.toMatchObject({
      kind: 'connect',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('says that nothing was sent where a name is unknown', async () => {
    const transport = await connect(() => undefined, {}, 'no-such-host.invalid');
    await expect(transport.send(request())).rejects.toMatchObject({ kind: 'connect' });
  });

  it('gives an exchange up when it is told to, whether or not it has begun', async () => {
    let arrived: () => void = () => undefined;
    const isThere = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const transport = await connect(() => arrived(), { connections: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = transport.send(request({ signal: first.signal }));
    const waiting = transport.send(request({ signal: second.signal }));
    await isThere;
    second.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'aborted' });
    first.abort();
    await expect(running).rejects.toMatchObject({ kind: 'aborted' });
    await expect(transport.send(request({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
      kind: 'aborted',
    });
  });

  it('never sends what was given up while it waited for a connection', async () => {
    const bodies: string[] = [];
    let answer: () => void = () => undefined;
    const transport = await connect(
      (received, response) => {
        received.on('data', (part: Buffer) => bodies.push(part.toString()));
        received.on('end', () => {
          answer = () => response.end('ok');
          if (bodies.length > 1) answer();
        });
      },
      { connections: 1 },
    );
    const first = transport.send(request({ body: 'first' }));
    const given = new AbortController();
    const second = transport.send(request({ body: 'second', signal: given.signal }));
    const third = transport.send(request({ body: 'third' }));
    given.abort();
    await expect(second).rejects.toMatchObject({ kind: 'aborted' });
    while (bodies.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answer();
    await Promise.all([first, third]);
    expect(bodies).toEqual(['first', 'third']);
  });

  it('stops reading an answer that is too large', async () => {
    const transport = await connect((_request, response) => response.end('x'.repeat(10_001)), {
      maxResponseBytes: 10_000,
    });
    await expect(transport.send(request())).rejects.toMatchObject({
      kind: 'too-large',
      message: expect.stringMatching(/answered with more than 10000 bytes$/),
    });
  });

  it('reads nothing of an answer that declares to be too large', async () => {
    const transport = await connect(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '10001' });
        response.flushHeaders();
      },
      { maxResponseBytes: 10_000 },
    );
    await expect(transport.send(request())).rejects.toMatchObject({ kind: 'too-large' });
  });

  it('reads a head that comes in small pieces', async () => {
    const transport = await connect(({ socket }) => {
      const head =
        'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 17\r\nX-Some: thing\r\nContent-Length: 4\r\n\r\n';
      const pieces = [...(head.match(/.{1,7}/gs) ?? []), 'fu', 'll'];
      const next = () => {
        const piece = pieces.shift();
        if (piece === undefined) return;
        socket.write(piece);
        setTimeout(next, 1);
      };
      next();
    });
    const { status, headers, body } = await transport.send(request());
    expect({ status, body: body.toString() }).toEqual({ status: 429, body: 'full' });
    expect(headers).toMatchObject({ 'retry-after': '17', 'x-some': 'thing', 'content-length': '4' });
  });

  it('keeps every answer as it came while others are read on the same connections', async () => {
    const bodyOf = (path: string) => path.slice(1).repeat(30_000);
    const transport = await connect(
      ({ url = '' }, response) => {
        const whole = bodyOf(url);
        if (url.length % 2 === 0) response.writeHead(200, { 'content-length': whole.length });
        for (let at = 0; at < whole.length; at += 23_456) response.write(whole.slice(at, at + 23_456));
        response.end();
      },
      { connections: 2 },
    );
    const paths = Array.from({ length: 24 }, (_, i) => `/${'n'.repeat(i % 3)}${i}`);
    const answers = await Promise.all(paths.map((path) => transport.send(request({ path }))));
    expect(answers.map(({ body }, i) => body.toString() === bodyOf(paths[i] ?? ''))).toEqual(
      paths.map(() => true),
    );
  });

  it('takes an answer of just that size', async () => {
    const transport = await connect((_request, response) => response.end('x'.repeat(10_000)), {
      maxResponseBytes: 10_000,
    });
    expect((await transport.send(request())).body).toHaveLength(10_000);
  });

  it('fails what is under way when it is closed, and everything after', async () => {
    let arrived: () => void = () => undefined;
    const isThere = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const transport = await connect(() => arrived());
    const running = transport.send(request());
    const failed = expect(running).rejects.toMatchObject({ name: 'TransportError' });
    await isThere;
    await transport.close();
    await failed;
    await expect(transport.send(request())).rejects.toMatchObject({ name: 'TransportError' });
  });

  it('connects to no address that a name must not lead to', async () => {
    let reached = false;
    const asked: string[] = [];
    const transport = await connect(
      (_request, response) => {
        reached = true;
        response.end();
      },
      {
        allowAddress: (address, hostname) => {
          asked.push(`${hostname} ${address}`);
          return false;
        },
      },
      'localhost',
    );
    await expect(transport.send(request())).rejects.toMatchObject({
      kind: 'connect',
      message: expect.stringContaining('outside the allowed backend addresses'),
    });
    expect(reached).toBe(false);
    expect(asked).toContain('localhost 127.0.0.1');
  });

  it('connects to the addresses of a name that are allowed', async () => {
    const transport = await connect(
      (_request, response) => response.end('ok'),
      { allowAddress: (address) => address === '127.0.0.1' },
      'localhost',
    );
    expect((await transport.send(request())).body.toString()).toBe('ok');
  });
});

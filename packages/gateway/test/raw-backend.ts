import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What one request to a raw backend was. */
export interface SeenRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly texts: readonly string[];
}

/** A model server that writes each number as no serializer would, and keeps what it was asked. */
export interface RawBackend extends AsyncDisposable {
  readonly djlUrl: string;
  readonly seen: readonly SeenRequest[];
}

/** Numbers in a vector. */
const DIMENSIONS = 8;

/** Spellings of numbers that parsing and writing again would change. */
const SPELLINGS: readonly ((digits: string) => string)[] = [
  (digits) => `0.3${digits}00`,
  (digits) => `-3.${digits}0E-1`,
  (digits) => `3${digits}.0e-${digits.length + 1}`,
  (digits) => `0.2${digits}000000000000000001`,
  () => '-0.0',
  (digits) => `1.${digits}E-12`,
];

/** The exact bytes of a text's vector; another text has another. */
export function rawVector(text: string): string {
  let hash = 7;
  for (const letter of text) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  const numbers = Array.from({ length: DIMENSIONS }, (_, i) => {
    const digits = String((hash + i * 7_919) % 100_000).padStart(5, '0');
    return (SPELLINGS[(hash + i) % SPELLINGS.length] ?? String)(digits);
  });
  return `[${numbers.join(hash % 2 === 0 ? ', ' : ',')}]`;
}

export async function startRawBackend(): Promise<RawBackend> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { inputs }: { inputs: string[] } = JSON.parse(Buffer.concat(parts).toString());
    seen.push({ url: request.url ?? '', headers: request.headers, texts: inputs });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`[${inputs.map(rawVector).join(', ')}]`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    djlUrl: `http://127.0.0.1:${port}/predictions/all-MiniLM-L6-v2`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { createServer } from 'node:http';

/** A model server that repeats in its errors what it was sent. */
export interface QuotingBackend extends AsyncDisposable {
  readonly djlUrl: string;
}

/** A batch with a text that holds `fails` is 500, one with `poison` 400, `garbled` 200 with no vectors; each repeats all of its texts. */
export async function startQuotingBackend(): Promise<QuotingBackend> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { inputs }: { inputs: string[] } = JSON.parse(Buffer.concat(parts).toString());
    const said = JSON.stringify(inputs);
    const holds = (word: string) => inputs.some((text) => text.includes(word));
    const refuse = (code: number, type: string) =>
      response
        .writeHead(code, { 'content-type': 'application/json' })
        .end(JSON.stringify({ code, type, message: `can't do ${said}` }));
    if (holds('fails')) refuse(500, 'IllegalStateException');
    else if (holds('poison')) refuse(400, 'TranslateException');
    else if (holds('garbled')) response.end(`no vectors for ${said}`);
    else response.end(JSON.stringify(inputs.map((text) => [0.5, text.length / 1_000, -0.5])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number }; // it listens on a port
  return {
    djlUrl: `http://127.0.0.1:${port}/predictions/all-MiniLM-L6-v2`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

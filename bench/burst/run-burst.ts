import { autocannonVersion, describeMachine } from '../machine.ts';
import { renderPreamble } from '../report.ts';
import { type Surroundings, writeResult } from '../run-program.ts';
import { type BurstResult, burst, failureCount } from './burst.ts';
import type { BurstOptions } from './burst-options.ts';
import { burstSummary, progressLine } from './burst-report.ts';
import { scalerCounts } from './scaler-counts.ts';

/** The burst of the command line, its progress on stderr and its summary on stdout. Rejects when a request failed. */
export async function runBurst(options: BurstOptions, { say }: Surroundings): Promise<void> {
  const { url, model, seconds, connections, chunks, scaler, name } = options;
  const headers = authorizationOf(url);
  const lines: string[] = [];
  const tell = (line: string) => {
    lines.push(line);
    say(line);
  };
  await mustAnswer(url);
  const kept = { connections, chunksPerRequest: chunks, seconds };
  tell(`${connections} connections with ${chunks} chunks a request, for ${seconds} s, on ${url.origin}`);
  let before = { seconds: 0, answers: 0 };
  const result = await burst({
    ...kept,
    djlUrl: new URL(`/predictions/${encodeURIComponent(model)}`, url.origin).href,
    headers,
    async onProgress(soFar) {
      const at = { seconds: soFar.seconds, answers: soFar.latenciesMs.length };
      const counts =
        scaler && ((await scalerCounts(scaler.origin, authorizationOf(scaler))) ?? ('unknown' as const));
      tell(progressLine({ soFar, before, chunksPerRequest: chunks, counts }));
      before = at;
    },
  });
  const summary = burstSummary(result, chunks);
  process.stdout.write(`\n${summary}`);
  if (name !== undefined) write(name, [...lines, '', summary].join('\n'), say);
  const failed = failureCount(result);
  if (failed > 0) throw new Error(`${failed} of ${asked(result)} requests failed`);
}

function asked({ requests }: BurstResult): string {
  return requests.toLocaleString('en-US');
}

function write(name: string, text: string, say: (line: string) => void): void {
  const date = new Date().toISOString();
  const preamble = renderPreamble({
    date,
    command: ['pnpm bench', ...process.argv.slice(2)].join(' ').replace(/:\/\/[^/@\s]*@/g, '://'),
    machine: describeMachine([['autocannon', autocannonVersion()]]),
    notes: [
      'Closed loop: each connection sends its next request when it has its answer. All requests count, from the first one to the last answer.',
    ],
  });
  writeResult(`${date.slice(0, 10)}-${name}.md`, `${preamble}\n\`\`\`text\n${text}\`\`\`\n`, say);
}

/** Whoever mistypes the address should hear of it at once, not from a thousand failures. */
async function mustAnswer(url: URL): Promise<void> {
  try {
    const response = await fetch(new URL('/ping', url.origin), { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
  } catch {
    throw new Error(`nothing answers at ${url.origin}: start a gateway, or give its address by --url`);
  }
}

/** `http://:KEY@gateway:8080` as clients of DJL write it. */
function authorizationOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

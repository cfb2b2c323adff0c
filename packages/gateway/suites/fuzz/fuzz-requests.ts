import fc from 'fast-check';
import { checkAnswer } from './check-answer.ts';
import { bytesOf, describeCase, type FuzzCase } from './fuzz-case.ts';
import { FuzzTarget } from './fuzz-target.ts';
import { fuzzCases } from './requests.ts';
import { WireLane } from './wire-lane.ts';

/** Callers at a time, each with a connection. */
const LANES = 4;
/** How often the gateway is asked whether all is well. */
const CHECK_EVERY = 500;
/** What a gateway may hold more after the fuzz than after its first thousand requests: a few large bodies, and V8's slack. */
const MAX_GROWTH_MIB = 256;

/** What a fuzz came to. */
export interface FuzzSummary {
  readonly requests: number;
  readonly seconds: number;
  /** Requests by status; garbage by `garbage`. */
  readonly statuses: Readonly<Record<string, number>>;
  /** MiB before the first request, after a thousand, and at the end. */
  readonly rssMiB: readonly [start: number, warm: number, end: number];
}

/** Sends that many requests. Rejects with the shrunk case, its bytes and the seed, where one breaks a law. */
export async function fuzzRequests(requests: number, seed: number): Promise<FuzzSummary> {
  await using target = await FuzzTarget.start();
  await target.mustServe();
  const startMs = performance.now();
  const startRssMiB = target.rssMiB;
  let warmRssMiB = startRssMiB;
  const statuses: Record<string, number> = {};
  let sent = 0;
  const send = async (lane: WireLane, fuzzCase: FuzzCase) => {
    const outcome = await sendOne(lane, fuzzCase);
    statuses[outcome] = (statuses[outcome] ?? 0) + 1;
    sent += 1;
    if (sent === 1_000) warmRssMiB = target.rssMiB;
    await target.mustLive();
    if (sent % CHECK_EVERY === 0) await target.mustServe();
  };
  const lanes = Array.from({ length: LANES }, async (_, index) => {
    const lane = new WireLane(() => target.port);
    const property = fc.asyncProperty(fuzzCases, (fuzzCase) => send(lane, fuzzCase));
    const result = await fc.check(property, { numRuns: Math.ceil(requests / LANES), seed: seed + index });
    lane.close();
    if (!result.failed) return;
    const [smallest] = result.counterexample ?? [];
    throw new Error(
      `broken by ${smallest ? describeCase(smallest) : 'nothing'}\n${String(result.errorInstance)}\n` +
        `FUZZ_SEED=${seed}, lane ${index}, case ${result.numRuns}, ${result.numShrinks} times shrunk`,
    );
  });
  await Promise.all(lanes);
  await target.mustLive();
  await target.mustServe();
  const endRssMiB = target.rssMiB;
  if (endRssMiB - warmRssMiB > MAX_GROWTH_MIB)
    throw new Error(`the gateway grew from ${warmRssMiB} to ${endRssMiB} MiB (FUZZ_SEED=${seed})`);
  return {
    requests: sent,
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    statuses,
    rssMiB: [startRssMiB, warmRssMiB, endRssMiB],
  };
}

async function sendOne(lane: WireLane, fuzzCase: FuzzCase): Promise<string> {
  const bytes = bytesOf(fuzzCase);
  if (fuzzCase.kind === 'framed') {
    const answer = await lane.exchange(bytes, fuzzCase.method);
    checkAnswer(fuzzCase, answer);
    return String(answer.status);
  }
  const said = await lane.shout(bytes);
  const broken = /HTTP\/1\.1 (500|502) /.exec(said.toString('latin1'));
  if (broken) throw new Error(`garbage was answered ${said.toString('latin1').slice(0, 500)}`);
  return 'garbage';
}

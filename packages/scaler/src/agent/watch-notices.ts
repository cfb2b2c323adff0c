import type { InstanceMetadata } from '../aws/instance-metadata.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { isoTime } from '../records/decision-record.ts';
import type { HostClaim } from './host-claim.ts';

export interface NoticeWatch {
  readonly metadata: Pick<InstanceMetadata, 'spotAction' | 'rebalanceAdvisedAtMs'>;
  readonly say: (claim: HostClaim) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** As AWS advises: a notice comes two minutes before the end. */
const INTERVAL_MS = 5_000;

/** Asks over and over what AWS is about to do to this instance, and says what is new. */
export async function watchNotices(
  { metadata, say, clock, log }: NoticeWatch,
  signal: AbortSignal,
): Promise<void> {
  let said: string | undefined;
  let problem: string | undefined;
  while (!signal.aborted) {
    try {
      const claim = await leavingClaim(metadata, signal);
      const text = claim?.because;
      if (claim !== undefined && text !== said) {
        log.warn({ claim }, `this host is leaving: ${claim.because}`);
        say(claim);
        said = text;
      }
      if (problem !== undefined) log.info('instance metadata answers again');
      problem = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      if (problem === undefined)
        log.warn({ err: error }, `notices of AWS are not seen while this is so: ${message}`);
      problem = message;
    }
    await clock.sleep(INTERVAL_MS, signal);
  }
}

async function leavingClaim(
  metadata: NoticeWatch['metadata'],
  signal: AbortSignal,
): Promise<Extract<HostClaim, { state: 'leaving' }> | undefined> {
  const action = await metadata.spotAction(signal);
  if (action !== undefined) {
    const because = `spot interruption: ${action.action} at ${isoTime(action.atMs)}`;
    return { state: 'leaving', because, deadlineMs: action.atMs };
  }
  const advisedAtMs = await metadata.rebalanceAdvisedAtMs(signal);
  if (advisedAtMs === undefined) return undefined;
  const because = `rebalance recommendation of ${isoTime(advisedAtMs)}`;
  return { state: 'leaving', because };
}

import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Random } from '../random.ts';
import type { HostClaim } from './host-claim.ts';
import { type HealthOptions, type HostHealth, nextHealth } from './host-health.ts';
import type { Probe } from './probe-host.ts';

export interface HealthWatch extends HealthOptions {
  readonly probe: Probe;
  readonly intervalSeconds: number;
  /** Where gateways reach the host; undefined: the scaler knows. */
  readonly url: string | undefined;
  readonly say: (claim: HostClaim) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** What is so is said again after this time, up to a tenth sooner, so that hosts that started together don't speak together. */
const REPEAT_MS = 60_000;

/** Asks the model server over and over, and says what is new, and each minute what is so. */
export async function watchHealth(watch: HealthWatch, signal: AbortSignal): Promise<void> {
  const { probe, intervalSeconds, say, clock, random, log } = watch;
  let health: HostHealth = { kind: 'starting', sinceMs: clock.nowMs() };
  let againAtMs = 0;
  while (!signal.aborted) {
    const outcome = await probe(signal);
    if (signal.aborted) return;
    const before: HostHealth['kind'] = health.kind;
    health = nextHealth(health, outcome, watch, clock.nowMs());
    const claim = claimOf(health, watch.url);
    if (health.kind !== before) log.info({ health }, `this host is ${health.kind}`);
    const nowMs = clock.nowMs();
    if (claim !== undefined && (health.kind !== before || nowMs >= againAtMs)) {
      say(claim);
      againAtMs = nowMs + REPEAT_MS * (1 - random() / 10);
    }
    await clock.sleep(intervalSeconds * 1_000, signal);
  }
}

/** One that starts says nothing: the scaler knows how long that may take. */
function claimOf(health: HostHealth, url: string | undefined): HostClaim | undefined {
  switch (health.kind) {
    case 'starting':
      return undefined;
    case 'ready':
      return { state: 'ready', ...(url !== undefined && { url }) };
    case 'unhealthy':
      return { state: 'unhealthy', because: health.because.slice(0, 500) };
  }
}

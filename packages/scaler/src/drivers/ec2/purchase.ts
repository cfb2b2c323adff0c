/** How hosts are bought: `spot-first` takes on-demand where spot has no room, and goes back later. */
export type PurchaseChoice = 'on-demand' | 'spot' | 'spot-first';

/** How one host was bought; the value of its tag. A fallback was wanted as spot. */
export type Purchase = 'on-demand' | 'spot' | 'on-demand-fallback';

/** What is known of spot capacity: `shut` since it was refused. */
export type SpotMarket =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'shut';
      readonly sinceMs: number;
      /** In a row. */
      readonly refusals: number;
      readonly tryAgainAtMs: number;
    };

/** What EC2 said to a spot launch that was asked for at `askedAtMs`. */
export interface SpotAnswer {
  readonly kind: 'accepted' | 'refused';
  readonly askedAtMs: number;
  readonly atMs: number;
}

/** How patient it is. */
export interface SpotRules {
  /** After the first refusal; each further one in a row doubles it, up to half an hour. */
  readonly retryMs: number;
  /** When nothing else has shown for so long whether there is room, one host is given up to see. */
  readonly trialMs: number;
}

const LONGEST_RETRY_MS = 30 * 60_000;

/**
 * What is known after an answer. Calls are made side by side: what was asked before the last refusal says nothing new, and one
 * that was refused before its time counts for none.
 */
export function afterSpot(market: SpotMarket, answer: SpotAnswer, { retryMs }: SpotRules): SpotMarket {
  if (market.kind === 'shut' && answer.atMs >= market.sinceMs) {
    if (answer.askedAtMs <= market.sinceMs) return market;
    if (answer.kind === 'refused' && answer.askedAtMs < market.tryAgainAtMs) return market;
  }
  if (answer.kind === 'accepted') return { kind: 'open' };
  const refusals = market.kind === 'shut' ? market.refusals + 1 : 1;
  const pauseMs = Math.min(Math.max(retryMs, LONGEST_RETRY_MS), retryMs * 2 ** Math.min(refusals - 1, 20));
  return { kind: 'shut', sinceMs: answer.atMs, refusals, tryAgainAtMs: answer.atMs + pauseMs };
}

/** What to try for one host, in this order. `mayBeSpot`: it may have been launched as spot already, so that this is asked first whatever the market. */
export function purchasesFor(
  choice: PurchaseChoice,
  market: SpotMarket,
  nowMs: number,
  mayBeSpot: boolean,
): readonly Purchase[] {
  if (choice !== 'spot-first') return [choice];
  if (mayBeSpot || mayTrySpot(market, nowMs)) return ['spot', 'on-demand-fallback'];
  return ['on-demand-fallback'];
}

/** A host as this rule sees it. */
export interface BoughtHost {
  readonly instanceId: string;
  readonly purchase: Purchase;
  readonly launchedAtMs: number;
  readonly running: boolean;
}

/** Which fallback makes room for a spot host, if any, and why. */
export interface Farewell {
  readonly instanceId: string;
  readonly because: string;
}

/**
 * The host that shall be replaced so that it comes back to spot: one at a time, the oldest first. There is reason to when a spot host was launched
 * after the last fallback, or when nothing was tried for the time of a trial; a fallback launched meanwhile ends that. What it goes by
 * is seen in the list, so a restart changes nothing.
 */
export function whoLeaves(
  hosts: readonly BoughtHost[],
  market: SpotMarket,
  { trialMs }: SpotRules,
  nowMs: number,
): Farewell | undefined {
  const fallbacks = hosts.filter(({ purchase }) => purchase === 'on-demand-fallback');
  const oldest = fallbacks
    .filter(({ running }) => running)
    .reduce<BoughtHost | undefined>((a, b) => (a === undefined || isBefore(b, a) ? b : a), undefined);
  if (oldest === undefined) return undefined;
  const lastFallbackMs = Math.max(...fallbacks.map(({ launchedAtMs }) => launchedAtMs));
  const spotSince = hosts.some((host) => host.purchase === 'spot' && host.launchedAtMs > lastFallbackMs);
  if (market.kind === 'open' && spotSince)
    return { instanceId: oldest.instanceId, because: 'spot has capacity again' };
  const lastRefusalMs = market.kind === 'shut' ? Math.max(market.sinceMs, lastFallbackMs) : lastFallbackMs;
  if (nowMs - lastRefusalMs < trialMs || !mayTrySpot(market, nowMs)) return undefined;
  return { instanceId: oldest.instanceId, because: 'it is time to try spot again' };
}

/** Whether a launch may ask for spot. A clock set back doesn't keep it shut. */
function mayTrySpot(market: SpotMarket, nowMs: number): boolean {
  return market.kind === 'open' || nowMs >= market.tryAgainAtMs || nowMs < market.sinceMs;
}

function isBefore(a: BoughtHost, b: BoughtHost): boolean {
  return a.launchedAtMs === b.launchedAtMs ? a.instanceId < b.instanceId : a.launchedAtMs < b.launchedAtMs;
}

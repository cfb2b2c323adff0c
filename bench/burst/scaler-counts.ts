/** How many replicas a scaler has, and how many it wants. */
export interface ScalerCounts {
  readonly ready: number;
  readonly desired: number;
}

/** Asks a scaler's `/scaling/status`. `undefined` when it doesn't say. */
export async function scalerCounts(
  scalerUrl: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ScalerCounts | undefined> {
  try {
    const response = await fetch(new URL('/scaling/status', scalerUrl), {
      headers,
      signal: AbortSignal.timeout(1_000),
    });
    const status = (await response.json()) as Readonly<Record<string, unknown>> | null;
    const [ready, desired] = [status?.ready_instances, status?.desired_instances];
    return typeof ready === 'number' && typeof desired === 'number' ? { ready, desired } : undefined;
  } catch {
    return undefined; // the burst goes on without it
  }
}

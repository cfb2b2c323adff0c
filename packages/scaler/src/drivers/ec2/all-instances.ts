import type { Ec2Api, Ec2Instance } from '../../aws/ec2-api.ts';
import { ScalerError } from '../../errors.ts';

/** No pool is that large; an endpoint that repeats itself would be read for ever. */
const MAX_PAGES = 1_000;

/** Every instance with these tags, of all pages, or an error. One that moved to a later page while they were read counts once, as seen last. */
export async function allInstances(
  api: Pick<Ec2Api, 'describePage'>,
  tags: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly Ec2Instance[]> {
  const found = new Map<string, Ec2Instance>();
  let pageToken: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await api.describePage(tags, pageToken, signal);
    for (const instance of page.instances) found.set(instance.instanceId, instance);
    if (page.nextToken === undefined) return [...found.values()];
    pageToken = page.nextToken;
  }
  const message = `listing instances: no end after ${MAX_PAGES} pages and ${found.size} instances`;
  throw new ScalerError('SCALER_DRIVER_FAILED', message, { retryable: true });
}

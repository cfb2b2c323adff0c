import { z } from 'zod';
import { PoolError } from '../errors.ts';
import type { TenantWeight } from './backend-source.ts';
import { describeIssues } from './backend-spec.ts';
import type { DirectTarget } from './backend-target.ts';
import { parseListedBackend } from './parse-backend-url.ts';

/** What a list in JSON says, or the first thing in it that cannot be understood. */
export type ListedBackends =
  | {
      readonly kind: 'list';
      readonly targets: readonly DirectTarget[];
      readonly tenants: readonly TenantWeight[];
    }
  | { readonly kind: 'bad'; readonly problem: string };

/**
 * Reads `{"backends": [{"id", "url", "class", "state", …}], "tenants": [{"id", "weight"}]}`, the form of
 * `BACKENDS_FILE` and `BACKENDS_URL`. Unknown fields are ignored. One bad item makes the whole list bad: leaving it out
 * would take its backend from the pool.
 */
export function parseListedBackends(text: string): ListedBackends {
  const json = parseJson(text);
  if (json.kind === 'bad') return json;
  const outer = outerSchema.safeParse(json.value);
  if (!outer.success) return { kind: 'bad', problem: describeIssues(outer.error) };
  const tenants = parseTenants(outer.data.tenants ?? []);
  if (tenants.kind === 'bad') return tenants;
  const backends = parseItems(outer.data.backends);
  return backends.kind === 'bad' ? backends : { ...backends, tenants: tenants.tenants };
}

type Bad = Extract<ListedBackends, { kind: 'bad' }>;

const outerSchema = z.object(
  {
    backends: z.array(z.unknown(), { error: 'backends must be a list' }),
    tenants: z.array(z.unknown(), { error: 'tenants must be a list' }).optional(),
  },
  { error: 'it must be an object with a list "backends"' },
);

const tenantSchema = z.object({
  id: z.string({ error: 'id must be a string' }).min(1, { error: 'id must not be empty' }),
  weight: z.number({ error: 'weight must be a number' }).positive({ error: 'weight must be above 0' }),
});

function parseItems(items: readonly unknown[]) {
  const targets: DirectTarget[] = [];
  const places = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const where = `backends[${index}]`;
    const target = parseTarget(item, where);
    if (target.kind === 'bad') return target;
    const id = target.kind === 'entry' ? target.entry.id : (target.server.id ?? target.server.url);
    const earlier = places.get(id);
    if (earlier !== undefined) return bad(`${where}: backends[${earlier}] has the id ${id} already`);
    places.set(id, index);
    targets.push(target);
  }
  return { kind: 'list', targets } as const;
}

function parseTarget(item: unknown, where: string): DirectTarget | Bad {
  try {
    const target = parseListedBackend(item, where);
    return target.kind === 'dns' ? bad(`${where}: url: names are looked up (dns+) in DJL_URLS only`) : target;
  } catch (error) {
    // A wrong setting at start, but only a problem to show in a list that changes while we run.
    if (error instanceof PoolError) return bad(error.message);
    throw error;
  }
}

function parseTenants(items: readonly unknown[]) {
  const tenants: TenantWeight[] = [];
  for (const [index, item] of items.entries()) {
    const parsed = tenantSchema.safeParse(item);
    if (!parsed.success) return bad(`tenants[${index}]: ${describeIssues(parsed.error)}`);
    tenants.push(parsed.data);
  }
  return { kind: 'tenants', tenants } as const;
}

function parseJson(text: string): { readonly kind: 'json'; readonly value: unknown } | Bad {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (error) {
    return bad(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function bad(problem: string): Bad {
  return { kind: 'bad', problem };
}

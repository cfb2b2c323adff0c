import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { keepReport } from '../notices/keep-report.ts';
import { invalidRequest, type Refusal } from '../refusal.ts';
import type { Store, StoredReplica } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import type { ReplicaReport } from '../values/replica-report.ts';
import { hostById, hostRecord, reportRecord } from './host-record.ts';
import { isNews } from './is-news.ts';
import { parseFields } from './parse-fields.ts';
import { json, type Route } from './route.ts';

export interface HostRouteParts {
  readonly store: Store;
  readonly groups: () => readonly GroupSettings[];
  readonly clock: Clock;
  /** Asks for a tick now. */
  readonly wake: () => void;
}

/** So many ids that no group knows may have reports kept; a host reports for some seconds before its platform lists it, seldom more than a few do. */
const MAX_UNKNOWN = 1_000;

/** Ids of replicas and machines: an EC2 instance id, the ARN of a task, the name of a pod. */
const HOST_ID = /^[\x21-\x7e]{1,256}$/;

const STATE_MUST = 'must be "ready", "unhealthy" or "leaving"';
const BECAUSE_MUST = 'must be a text of 1 to 500 characters';
const URL_MUST = 'must be a URL that begins with http:// or https://, without a user or password';
const DEADLINE_MUST = 'must be a number of seconds from 0 to 86400 (a day)';

const REPORT_BODY = z.strictObject({
  state: z.enum(['ready', 'unhealthy', 'leaving'], STATE_MUST),
  because: z.string(BECAUSE_MUST).regex(/\S/, BECAUSE_MUST).max(500, BECAUSE_MUST).optional(),
  url: z
    .string(URL_MUST)
    .max(2_048, URL_MUST)
    .regex(/^https?:\/\//i, URL_MUST)
    .refine((value) => URL.parse(value)?.username === '' && URL.parse(value)?.password === '', URL_MUST)
    .optional(),
  deadline_seconds: z.number(DEADLINE_MUST).min(0, DEADLINE_MUST).max(86_400, DEADLINE_MUST).optional(),
});

type ReportBody = z.output<typeof REPORT_BODY>;

/** What hosts say of themselves, and what is known of them. A report is kept, and heeded at the next tick, which comes at once where it is news. */
export function hostRoutes({ store, groups, clock, wake }: HostRouteParts): readonly Route[] {
  const rows = (): readonly StoredReplica[] => groups().flatMap(({ name }) => store.load(name).replicas);
  return [
    {
      method: 'GET',
      path: '/v1/hosts',
      access: 'read',
      answer: () => json(hostsList(rows(), store.reports(0), clock.nowMs())),
    },
    {
      method: 'POST',
      path: '/v1/hosts/:id',
      access: 'hosts',
      answer: ({ body, params: { id = '' } }) => {
        if (!HOST_ID.test(id)) {
          const message = `the id in the path must be that of a replica or a machine, 1 to 256 printable ASCII characters without spaces; got ${JSON.stringify(id.slice(0, 120))}`;
          return invalidRequest([{ field: 'id', message }]);
        }
        const parsed = parseFields(REPORT_BODY, body);
        if (parsed.kind !== 'parsed') return parsed;
        const misplaced = misplacedField(parsed.fields);
        if (misplaced !== undefined) return misplaced;
        const known = rows();
        const host = hostById(known, id);
        const before = host === undefined ? store.reports(0) : [];
        if (host === undefined && isFull(known, before, id)) {
          return {
            kind: 'too_many_requests',
            message: `${MAX_UNKNOWN} ids that no group knows have reported within a day: ${JSON.stringify(id)} is not kept, is it the id of a replica or machine?`,
          };
        }
        const nowMs = clock.nowMs();
        const report = reportOf(id, parsed.fields, nowMs);
        keepReport(store, report, nowMs);
        if (isNews(report, host?.state.kind, before)) wake();
        if (host !== undefined) return json({ known: true, ...hostRecord(host, nowMs) });
        return json({ known: false, id }, 202);
      },
    },
  ];
}

/** All hosts of all groups with what they said, and who else has reported. */
function hostsList(
  rows: readonly StoredReplica[],
  reports: readonly ReplicaReport[],
  nowMs: number,
): unknown {
  const about = (...ids: readonly (string | undefined)[]) =>
    reports.filter((each) => ids.includes(each.about)).map((each) => reportRecord(each, nowMs));
  return {
    hosts: rows.map((row) => ({ ...hostRecord(row, nowMs), reports: about(row.id, row.machine) })),
    unknown: unknownIds(rows, reports).map((id) => ({ id, reports: about(id) })),
  };
}

function isFull(rows: readonly StoredReplica[], reports: readonly ReplicaReport[], id: string): boolean {
  const unknown = unknownIds(rows, reports);
  return unknown.length >= MAX_UNKNOWN && !unknown.includes(id);
}

/** Those of hosts that are gone are among them for a day. */
function unknownIds(rows: readonly StoredReplica[], reports: readonly ReplicaReport[]): readonly string[] {
  const known = new Set(rows.flatMap(({ id, machine }) => [id, machine]));
  return [...new Set(reports.map(({ about }) => about))].filter((id) => !known.has(id));
}

/** A field of another state says that the sender means something else. */
function misplacedField({ state, url, deadline_seconds }: ReportBody): Refusal | undefined {
  if (url !== undefined && state !== 'ready')
    return invalidRequest([
      { field: 'url', message: `url goes with state "ready" only; state is "${state}"` },
    ]);
  if (deadline_seconds !== undefined && state !== 'leaving') {
    const message = `deadline_seconds goes with state "leaving" only; state is "${state}"`;
    return invalidRequest([{ field: 'deadline_seconds', message }]);
  }
  return undefined;
}

function reportOf(about: string, body: ReportBody, atMs: number): ReplicaReport {
  const { state: kind, because = `it says that it is ${kind}`, url, deadline_seconds: seconds } = body;
  const said = { about, because, atMs };
  switch (kind) {
    case 'ready':
      return { ...said, kind, ...(url !== undefined && { url }) };
    case 'unhealthy':
      return { ...said, kind };
    case 'leaving':
      return { ...said, kind, ...(seconds !== undefined && { deadlineMs: atMs + seconds * 1_000 }) };
  }
}

import type { BackendEntry } from '../backend-entry.ts';
import type { SourceSnapshot, TenantWeight } from './backend-source.ts';
import { type DirectTarget, entriesOfServer, type ServerTarget } from './backend-target.ts';
import type { KnownModels } from './model-watcher.ts';

/** What a source has found out, in parts. */
export interface SourceFindings {
  /** Left out while the list has never been read. */
  readonly targets?: readonly DirectTarget[];
  /** Why a server may not be asked for its models. */
  readonly refusalOf: (server: ServerTarget) => string | undefined;
  readonly modelsOf: (server: ServerTarget) => KnownModels;
  readonly tenants?: readonly TenantWeight[];
  readonly resolvedFrom?: string;
  /** Why the list could not be read this time. */
  readonly listProblem?: string;
  /** Whether an earlier snapshot had an entry. */
  readonly hasShown: boolean;
}

/** Puts the list of a source and what its servers said together; `undefined` while there is nothing to say yet. */
export function composeSnapshot(findings: SourceFindings): SourceSnapshot | undefined {
  const { targets, listProblem, tenants, resolvedFrom } = findings;
  const expanded = (targets ?? []).map((target) => expand(target, findings));
  const entries = expanded.flatMap((part) => part.entries);
  const complete = expanded.every((part) => part.asked);
  const problem = [listProblem, ...expanded.map((part) => part.problem)]
    .filter((text) => text !== undefined)
    .join('; ');
  if (entries.length === 0 && !findings.hasShown) {
    if (!complete || (targets === undefined && problem === '')) return undefined;
    const reason =
      problem || (targets?.length === 0 ? 'its list is empty' : 'its backends are still starting');
    return { kind: 'pending', reason, ...(tenants && { tenants }) };
  }
  return {
    kind: 'listed',
    entries,
    complete,
    ...(tenants && { tenants }),
    ...(problem !== '' && { problem }),
    ...(resolvedFrom !== undefined && { resolvedFrom }),
  };
}

interface Expanded {
  readonly entries: readonly BackendEntry[];
  readonly asked: boolean;
  readonly problem?: string;
}

function expand(target: DirectTarget, findings: SourceFindings): Expanded {
  if (target.kind === 'entry') return { entries: [target.entry], asked: true };
  const { server } = target;
  const refusal = findings.refusalOf(server);
  if (refusal !== undefined) return { entries: [], asked: true, problem: refusal };
  const known = findings.modelsOf(server);
  // That a starting server doesn't answer is no news.
  const isExpected = server.state === 'starting';
  switch (known.kind) {
    case 'unasked':
      return { entries: [], asked: false };
    case 'unknown':
      return { entries: [], asked: true, ...(!isExpected && { problem: known.problem }) };
    case 'known':
      return {
        entries: entriesOfServer(server, known.models),
        asked: true,
        ...(known.problem !== undefined && !isExpected && { problem: known.problem }),
      };
  }
}

import { afterAll, beforeAll, describe, it } from 'vitest';
import type { GatewayProcess } from '../../test/gateway-process.ts';
import { type BackendProcess, startBackends } from './backend-process.ts';
import { type CellResult, runCell } from './cell.ts';
import { type CellRow, rowOf } from './cell-row.ts';
import { FAULT_CASES, type FaultCase } from './fault-cases.ts';
import { startGatewayOf } from './gateway-of.ts';
import { isWanted, report } from './report.ts';

const rows: CellRow[] = [];

afterAll(() => report('matrix', rows));

/** With one backend a request's own deadline is what ends it; with more none may be needed. */
const TIMEOUT_MS = { alone: 3_000, amongOthers: 10_000 };
const DEADLINE_SLACK_MS = 1_000;
const MOST_RATIO = 3;

describe.each([1, 2, 5])('%i backends', (count) => {
  const timeoutMs = count === 1 ? TIMEOUT_MS.alone : TIMEOUT_MS.amongOthers;
  const wanted = FAULT_CASES.filter(({ name }) => isWanted(`matrix: ${name}, ${count} backends`));
  let backends: BackendProcess[] = [];

  beforeAll(async () => {
    if (wanted.length > 0) backends = await startBackends(count);
  });

  afterAll(() => Promise.all(backends.map((backend) => backend.kill())));

  // A gateway for each cell: ejections last longer each time, and a cell must not pay for the one before it.
  async function cell(fault: FaultCase): Promise<CellResult> {
    await using gateway: GatewayProcess & { readonly origin: string } = await startGatewayOf(backends);
    const struck = backends[0] as BackendProcess; // there is one at least
    const result = await runCell({ fault, backends, struck, origin: gateway.origin, timeoutMs });
    rows.push(rowOf(result));
    return result;
  }

  it.for(FAULT_CASES)(
    '$name: every request has one right answer, or with one backend an honest error',
    async (fault, { expect, skip }) => {
      if (!wanted.includes(fault)) skip('not in FAULTS_ONLY');
      const result = await cell(fault);
      const all = [...result.calm, ...result.faulty, ...result.after];
      expect(result.after.at(-1)?.verdict, 'a single after the fault').toBe('right');
      const bad = all.filter(({ verdict }) => verdict !== 'right' && verdict !== 'refused');
      expect(bad.slice(0, 3), 'wrong, lost or ill-formed').toEqual([]);
      const refused = all.filter(({ verdict }) => verdict === 'refused');
      if (count > 1) expect(refused.slice(0, 3), `${refused.length} failed`).toEqual([]);
      const dishonest = refused.filter(({ status }) => ![429, 502, 503, 504].includes(status));
      expect(dishonest.slice(0, 3), `${dishonest.length} with another status`).toEqual([]);
      const late = [...result.calm, ...result.faulty].filter(
        ({ tookMs }) => tookMs > timeoutMs + DEADLINE_SLACK_MS,
      );
      expect(late.slice(0, 3), `${late.length} after their deadline`).toEqual([]);
      expect(result.backMs).toBeLessThan(Number.POSITIVE_INFINITY);
      if (count === 5)
        expect(rowOf(result).ratio, 'p99 with the fault over that without').toBeLessThanOrEqual(MOST_RATIO);
    },
  );
});

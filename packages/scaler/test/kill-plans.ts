import { readFileSync } from 'node:fs';
import type { ProcessCommand } from '../src/drivers/process/process-command.ts';
import type { GroupSettings } from '../src/values/group-settings.ts';

export const GROUP = 'default';

/** What a scaler does while it is killed. */
export interface KillPlan {
  readonly name: string;
  /** Counts ordered by hand; the last one is what the plan carries out, the others are come to rest at before. */
  readonly orders: readonly number[];
  /** When calls begin to count: with the last order, or when a replica is overdue or was listed as failed. */
  readonly begins: 'ordered' | 'overdue' | 'failed';
  /** Whether draining replicas are found empty. */
  readonly empties: boolean;
  /** What the first process does; all others come up. */
  readonly first: 'up' | 'mute' | 'broken';
  /** Processes launched in the whole, when nobody is killed. */
  readonly launches: number;
  /** Steps of the plan itself. */
  readonly points: readonly KillPoint[];
  /** Reads, and ticks after it: only the full run has them. */
  readonly others: readonly KillPoint[];
}

export interface KillPoint {
  readonly when: 'before' | 'after';
  /** A call of the store or the driver, or a moment inside `scale`. */
  readonly name: string;
  readonly nth: number;
}

export interface KillJob {
  readonly dir: string;
  readonly holder: string;
  readonly plan: Pick<KillPlan, 'begins' | 'empties' | 'first'>;
  readonly orders: readonly number[];
  readonly kill?: KillPoint;
  /** What it does at that point: dies, or stands still. */
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  readonly leaseMs: number;
  /** Whether it goes on ticking when it has come to rest. */
  readonly stays: boolean;
}

const around = (name: string, ...times: readonly number[]): readonly KillPoint[] =>
  times.flatMap((nth) => [
    { when: 'before', name, nth },
    { when: 'after', name, nth },
  ]);
const at = (name: string, ...times: readonly number[]): readonly KillPoint[] =>
  times.map((nth) => ({ when: 'before', name, nth }));

const READS = [
  ...around('load', 1, 2),
  ...around('startups', 1, 2),
  ...around('changesSince', 1, 2),
  ...around('acquireLease', 3, 4),
];
/** Ticks after that: a plan that comes to rest sooner has none. */
const LATER = [...around('acquireLease', 5), ...around('list', 3), ...around('commit', 3)];
const TICK = [...around('acquireLease', 1, 2), ...around('list', 1), ...around('commit', 1, 2)];

/** Every plan of the acceptance. */
export const KILL_PLANS: readonly KillPlan[] = [
  {
    name: '0 to 3',
    orders: [3],
    begins: 'ordered',
    empties: true,
    first: 'up',
    launches: 3,
    points: [
      ...TICK,
      ...around('scale', 1),
      ...at('driver clock', 1, 2, 3),
      ...at('launched', 1, 2, 3),
      ...around('list', 2),
    ],
    others: [...READS, ...around('decisionsSince', 1)],
  },
  {
    name: '3 to 1, drained and ended',
    orders: [3, 1],
    begins: 'ordered',
    empties: true,
    first: 'up',
    launches: 3,
    points: [
      ...TICK,
      ...around('scale', 1),
      // Before an end is recorded, between its record and its signal, after it; of the first and the second.
      ...at('driver clock', 1, 2, 3),
      ...at('driver look', 1, 2),
      ...around('list', 2),
    ],
    others: [...READS, ...LATER],
  },
  {
    name: 'an overdue one replaced',
    orders: [1],
    begins: 'overdue',
    empties: true,
    first: 'mute',
    launches: 2,
    points: [
      ...TICK,
      ...around('scale', 1),
      ...at('driver clock', 1, 2, 3),
      ...at('driver look', 1),
      ...at('launched', 1),
    ],
    others: READS,
  },
  {
    name: 'a failed one replaced',
    orders: [1],
    begins: 'failed',
    empties: true,
    first: 'broken',
    launches: 2,
    points: [
      ...around('acquireLease', 1),
      ...around('commit', 1, 2),
      ...around('scale', 1),
      ...at('driver clock', 1),
      ...at('launched', 1),
    ],
    others: READS,
  },
  {
    name: 'the first one breaks while nobody looks',
    orders: [1],
    begins: 'ordered',
    empties: true,
    first: 'broken',
    launches: 2,
    points: [...around('commit', 1), ...around('scale', 1), ...at('launched', 1), ...around('list', 2)],
    others: [],
  },
  {
    name: 'draining ones taken back',
    orders: [3, 1, 3],
    begins: 'ordered',
    empties: false,
    first: 'up',
    launches: 3,
    points: TICK,
    others: READS,
  },
];

/** Fast ticks, and a start-up that is overdue after two seconds where that is the plan. */
export function settingsOf({ first }: Pick<KillPlan, 'first'>): GroupSettings {
  return {
    name: GROUP,
    class: 'default',
    enabled: true,
    min: 0,
    initial: 0,
    max: 9,
    intervalSeconds: 0.03,
    policies: [],
    combine: 'max',
    stabilizationSeconds: { out: 0, in: 0 },
    steepFall: { part: 0, seconds: 0 },
    flapping: { growth: 1, withinSeconds: 1, longestSeconds: 1 },
    cooldownSeconds: { out: 0, in: 0 },
    velocity: { out: { rules: [], select: 'max' }, in: { rules: [], select: 'max' } },
    startup: { expectedSeconds: 1, timeoutSeconds: first === 'mute' ? 2 : 600 },
    drainSeconds: 600,
    unhealthySeconds: 43_200,
    staleAfterSeconds: 30,
    chunksPerSecond: 10,
    pricePerHour: 1,
  };
}

/** A process writes itself down and sleeps: quicker to start than any server, and it doesn't take a port. `mkdir` tells who is first. */
const PROGRAM = `mode=up
mkdir "$DIR/first" 2>/dev/null && mode=$FIRST
echo "$FOREBAY_REPLICA_ID $$ $PORT $mode $PPID" >> "$DIR/ledger"
[ $mode = broken ] && exit 3
exec sleep 300`;

export function driverOptions({ dir, plan }: Pick<KillJob, 'dir' | 'plan'>): {
  readonly pool: string;
  readonly stateDir: string;
  readonly command: ProcessCommand;
} {
  const command: ProcessCommand = {
    program: 'sh',
    args: ['-c', PROGRAM],
    env: { DIR: dir, FIRST: plan.first },
    path: '/predictions/m',
    healthPath: '/ping',
    stopTimeoutMs: 0,
  };
  return { pool: dir, stateDir: `${dir}/replicas`, command };
}

/** What processes wrote down, in the order in which they were launched. */
export function ledgerOf(dir: string): readonly {
  readonly id: string;
  readonly pid: number;
  readonly port: number;
  readonly mode: string;
  /** The scaler that launched it. */
  readonly launcher: number;
}[] {
  let text: string;
  try {
    text = readFileSync(`${dir}/ledger`, 'utf8');
  } catch {
    return []; // nothing was launched yet
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', pid, port, mode = '', launcher] = line.split(' ');
      return { id, pid: Number(pid), port: Number(port), mode, launcher: Number(launcher) };
    });
}

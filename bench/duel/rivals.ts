import type { ChildProcesses } from '../child-processes.ts';
import { startBackend, startGateway } from '../programs.ts';
import { haproxyVersion, nginxVersion, startHaproxy, startNginx } from '../proxies.ts';
import { firstAnswer } from '../targets.ts';
import { GPU_WEIGHT, MERGING, SERVERS, type ServerPlan } from './pool.ts';

/** A way to spread requests over the servers. */
export interface RivalPlan {
  /** As it is called on the command line. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** Whether its servers merge requests by themselves. */
  readonly merging: boolean;
  /** What has to be installed for it, when it is not; checked before anything is started. */
  readonly missing: () => string | undefined;
  readonly start: (processes: ChildProcesses, servers: readonly RunningServer[]) => Promise<Front>;
}

/** One model server that is up. */
export interface RunningServer {
  readonly djlUrl: string;
  readonly plan: ServerPlan;
  readonly pids: () => readonly number[];
}

/** Where requests go. */
export interface Front {
  readonly urls: readonly URL[];
  /** The processes under test. */
  readonly pids: () => readonly number[];
}

/** A rival that is up. */
export interface Rival extends Front {
  readonly plan: RivalPlan;
  readonly servers: readonly RunningServer[];
}

const present = () => undefined;
const needsNginx = () => (nginxVersion() === undefined ? 'it is not installed' : undefined);
const weighted = (servers: readonly RunningServer[]) =>
  servers.map(({ djlUrl, plan }) => ({ djlUrl, weight: plan.class === 'gpu' ? GPU_WEIGHT : 1 }));
const TUNED = 'bench/duel/nginx-tuned.conf';

/** Everybody who takes part, the worst first. */
export const RIVALS: readonly RivalPlan[] = [
  {
    name: 'round-robin',
    title: 'round robin',
    about: 'callers send straight to the five servers in turn; nothing stands between',
    merging: false,
    missing: present,
    start: async (_, servers) => ({ urls: servers.map(({ djlUrl }) => new URL(djlUrl)), pids: () => [] }),
  },
  {
    name: 'nginx',
    title: 'nginx least_conn',
    about: "nginx with the repository's nginx/nginx.conf",
    merging: false,
    missing: needsNginx,
    start: async (processes, servers) => front(await startNginx(processes, servers)),
  },
  {
    name: 'nginx-tuned',
    title: 'nginx tuned',
    about: `nginx with ${TUNED}, whose comments say what differs; the GPU server has weight ${GPU_WEIGHT}`,
    merging: false,
    missing: needsNginx,
    start: async (processes, servers) => front(await startNginx(processes, weighted(servers), TUNED)),
  },
  {
    name: 'haproxy',
    title: 'HAProxy leastconn',
    about: `HAProxy with bench/haproxy-config.ts; the GPU server has weight ${GPU_WEIGHT}`,
    merging: false,
    missing: () => (haproxyVersion() === undefined ? 'it is not installed' : undefined),
    start: async (processes, servers) => front(await startHaproxy(processes, weighted(servers))),
  },
  {
    name: 'nginx-djl',
    title: 'nginx tuned + DJL batching',
    about: `the tuned nginx; the servers merge up to ${MERGING.batchSize} requests themselves (DJL's batch_size) and wait at most ${MERGING.maxBatchDelayMs} ms for them (max_batch_delay, 100 ms by default)`,
    merging: true,
    missing: needsNginx,
    start: async (processes, servers) => front(await startNginx(processes, weighted(servers), TUNED)),
  },
  {
    name: 'gateway',
    title: 'Forebay',
    about:
      'the gateway with its defaults; it is told which server is the GPU (class=gpu), and learns the rest',
    merging: false,
    missing: present,
    start: async (processes, servers) => front(await startGateway(processes, servers)),
  },
];

/** Starts the rivals that can be had here, each kind of server once; they are all up at the same time. */
export async function startRivals(
  processes: ChildProcesses,
  plans: readonly RivalPlan[],
): Promise<readonly Rival[]> {
  const pools = new Map<boolean, readonly RunningServer[]>();
  const rivals: Rival[] = [];
  for (const plan of plans) {
    const servers = pools.get(plan.merging) ?? (await startServers(processes, plan.merging));
    pools.set(plan.merging, servers);
    const rival = { plan, servers, ...(await plan.start(processes, servers)) };
    for (const { href } of rival.urls) await firstAnswer({ name: plan.title, djlUrl: href });
    rivals.push(rival);
  }
  return rivals;
}

function startServers(processes: ChildProcesses, merging: boolean): Promise<readonly RunningServer[]> {
  return Promise.all(
    SERVERS.map(async (plan) => ({
      plan,
      ...(await startBackend(processes, merging ? { ...plan, merging: MERGING } : plan)),
    })),
  );
}

function front({ djlUrl, pids }: { readonly djlUrl: string; readonly pids: Front['pids'] }): Front {
  return { urls: [new URL(djlUrl)], pids };
}

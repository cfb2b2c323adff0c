import type { ChildProcesses } from './child-processes.ts';
import { type Server, startBackend, startGateway } from './programs.ts';
import { nginxVersion, startNginx } from './proxies.ts';
import type { Scenario } from './scenarios.ts';

/** Something that takes requests, under the name that stands in the table. */
export interface Target extends Server {
  readonly name: 'direct' | 'gateway' | 'nginx';
}

/** A scenario whose processes are all up. */
export interface RunningScenario {
  readonly targets: readonly Target[];
  readonly backendPids: readonly number[];
  /** Targets that are not there, and why. */
  readonly missing: readonly string[];
}

/**
 * Starts the backends of a scenario, then every target before them that can be had here: all stand at the same time and
 * share the backends, so that their rounds can alternate. Rejects when a backend or the gateway doesn't start.
 */
export async function startScenario(processes: ChildProcesses, scenario: Scenario): Promise<RunningScenario> {
  const backends = await Promise.all(
    scenario.backends.map(async (plan) => ({ plan, ...(await startBackend(processes, plan)) })),
  );
  const [first] = backends;
  if (first === undefined) throw new Error(`the scenario ${scenario.name} has no backends`);
  const targets: Target[] = [
    { name: 'direct', djlUrl: first.djlUrl, pids: first.pids },
    { name: 'gateway', ...(await startGateway(processes, backends)) },
  ];
  const missing: string[] = [];
  if (nginxVersion() === undefined) missing.push('nginx: it is not installed');
  else targets.push({ name: 'nginx', ...(await startNginx(processes, backends)) });
  for (const target of targets) await firstAnswer(target);
  return { targets, missing, backendPids: backends.flatMap(({ pids }) => pids()) };
}

/** Resolves once the target answers, rejects with what it says instead; a gateway holds requests until its backends passed their first check. */
export async function firstAnswer({
  name,
  djlUrl,
}: {
  readonly name: string;
  readonly djlUrl: string;
}): Promise<void> {
  const response = await fetch(djlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"inputs":["Are you there?"]}',
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${name} answered ${response.status}: ${answer.slice(0, 300)}`);
}

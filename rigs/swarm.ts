import type { Rig, Started } from './rig.ts';
import { docker, endEngine, engineAnswers, engineEnv, startEngine } from './swarm/engine.ts';
import { installEngine } from './swarm/install-engine.ts';

const LOOPBACK = [
  '--advertise-addr',
  '127.0.0.1',
  '--listen-addr',
  '127.0.0.1:2377',
  '--data-path-addr',
  '127.0.0.1',
];

/** A real one-node Swarm. Containers have the machine's network or none that is routed: no ingress, no published ports. */
export const swarmRig: Rig = {
  name: 'swarm',
  what: 'a dockerd of its own that is a Swarm of one node; without iptables and IP_VS nothing can be published',
  install: installEngine,
  async start() {
    if (!(await engineAnswers())) {
      await endEngine(); // what an earlier one left
      await startEngine();
    }
    if (!(await isSwarm())) await docker(['swarm', 'init', ...LOOPBACK]);
    return started();
  },
  async stop() {
    if (await engineAnswers()) {
      if (await isSwarm()) await docker(['swarm', 'leave', '--force']);
      const ids = (await docker(['ps', '--all', '--quiet'])).split('\n').filter((id) => id !== '');
      if (ids.length > 0) await docker(['rm', '--force', ...ids]);
    }
    await endEngine();
  },
  async status() {
    return (await engineAnswers()) && (await isSwarm()) ? started() : undefined;
  },
};

async function isSwarm(): Promise<boolean> {
  const state = await docker(['info', '--format', '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}']);
  return state.trim() === 'active true';
}

function started(): Started {
  return { env: engineEnv(), hint: 'docker node ls' };
}

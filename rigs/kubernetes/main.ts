import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCluster } from './cluster.ts';

/** The stand-in as a program: `main.ts KUBECONFIG [READY_AFTER_MS]` writes its kubeconfig there once it answers, and runs until it is ended. */
const [kubeconfig = '', readyAfterMs = '2000'] = process.argv.slice(2);
const cluster = await openCluster({
  nowMs: () => Date.now(),
  usageOf: () => ({ cpu: '1400m', memory: '1Gi' }),
});
cluster.knobs.readyAfterMs = Number(readyAfterMs);
writeFileSync(kubeconfig, kubeconfigOf(cluster.url), { mode: 0o600 });
console.log(`stand-in for Kubernetes on ${cluster.url}`);
for (;;) {
  cluster.step();
  await sleep(100);
}

function kubeconfigOf(server: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'stand-in', cluster: { server } }],
    users: [{ name: 'anybody', user: {} }],
    contexts: [{ name: 'stand-in', context: { cluster: 'stand-in', user: 'anybody', namespace: 'default' } }],
    'current-context': 'stand-in',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

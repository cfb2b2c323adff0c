import { appendFileSync, readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

// Loaded into the soak's gateway (node --expose-gc --import): writes a line of figures to SOAK_SAMPLES each second, and collects
// garbage before every SOAK_GC_SECONDS-th of them.
const file = process.env.SOAK_SAMPLES ?? '';
const gcSeconds = Number(process.env.SOAK_GC_SECONDS ?? 30);
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
let seconds = 0;

setInterval(() => {
  seconds += 1;
  const lag = { p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 };
  const isAfterGc = seconds % gcSeconds === 0;
  if (isAfterGc) globalThis.gc?.();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const openFiles = readdirSync('/proc/self/fd').length;
  const sample = { atMs: Date.now(), isAfterGc, memory: process.memoryUsage(), resources, openFiles, lag };
  appendFileSync(file, `${JSON.stringify(sample)}\n`);
  // What the sample itself costs is not the gateway's, and is measured only when it is over.
  setTimeout(() => delay.reset(), 30).unref();
}, 1_000).unref();

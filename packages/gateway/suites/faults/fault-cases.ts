import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '@forebay/testing';
import type { BackendProcess } from './backend-process.ts';

/** One way to fail. */
export interface FaultCase {
  readonly name: string;
  /** Makes the backend fail; what it returns makes it well again. */
  begin(backend: BackendProcess): Promise<() => Promise<void>>;
}

/** The same fault for every request until it is cleared. */
function scripted(name: string, fault: Fault): FaultCase {
  return {
    name,
    begin: async (backend) => {
      await backend.setFaults([fault]);
      return () => backend.clearFaults();
    },
  };
}

/** One second bad, one second good, and so on. */
function flapping(name: string, fault: Fault): FaultCase {
  return {
    name,
    begin: async (backend) => {
      const stop = new AbortController();
      const flaps = flap(backend, fault, stop.signal);
      return async () => {
        stop.abort();
        await flaps;
        await backend.clearFaults();
      };
    },
  };
}

async function flap(backend: BackendProcess, fault: Fault, signal: AbortSignal): Promise<void> {
  for (let isBad = true; !signal.aborted; isBad = !isBad) {
    await (isBad ? backend.setFaults([fault]) : backend.clearFaults());
    await sleep(1_000, undefined, { signal }).catch(() => undefined); // told to stop
  }
}

const dies: FaultCase = {
  name: 'dies',
  begin: async (backend) => {
    await backend.kill();
    return () => backend.revive();
  },
};

const freezes: FaultCase = {
  name: 'hangs 4 s',
  begin: async (backend) => {
    backend.freeze();
    return async () => backend.thaw();
  },
};

/** Every way to fail that the matrix tries; `swapped` is not among them, see swapped.test.ts. */
export const FAULT_CASES: readonly FaultCase[] = [
  dies,
  freezes,
  scripted('hangs for ever', { kind: 'hang' }),
  scripted('503 not ready', { kind: 'error', error: 'not-ready' }),
  scripted('503 queue full', { kind: 'error', error: 'queue-full' }),
  scripted('500', { kind: 'error', error: 'internal-error' }),
  scripted('400 to everything', { kind: 'refuse-all' }),
  scripted('engine failure', { kind: 'error', error: 'engine-failure' }),
  scripted('truncated', { kind: 'truncated' }),
  scripted('cut JSON', { kind: 'cut-json' }),
  scripted('malformed JSON', { kind: 'malformed-json', at: 'middle' }),
  scripted('one vector too many', { kind: 'wrong-count', by: 1 }),
  scripted('one vector too few', { kind: 'wrong-count', by: -1 }),
  scripted('NaN', { kind: 'not-a-number', value: 'NaN' }),
  scripted('wrong dimensions', { kind: 'wrong-dimensions', dimensions: 768, which: 'all' }),
  scripted('zero vector', { kind: 'zero-vector' }),
  scripted('reset', { kind: 'reset' }),
  scripted('20 times slower', { kind: 'slow', factor: 20 }),
  flapping('flaps with resets', { kind: 'reset' }),
  flapping('flaps with hangs', { kind: 'hang' }),
];

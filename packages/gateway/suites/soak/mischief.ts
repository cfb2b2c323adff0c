import type { ErrorName, Fault } from '@forebay/testing';
import type { BackendProcess } from './backend-process.ts';

/** What may happen to a backend for a while. */
export type Mischief =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'killed' }
  | { readonly kind: 'stopped' };

const ERRORS: readonly ErrorName[] = [
  'translate-exception',
  'engine-failure',
  'model-not-found',
  'payload-too-large',
  'throttled',
  'internal-error',
  'queue-full',
  'not-ready',
  'out-of-memory',
];

/** Every kind but `swapped`: no check of an answer can see that two vectors changed places. */
const FAULTS: readonly Fault[] = [
  { kind: 'hang' },
  { kind: 'reset' },
  { kind: 'slow', factor: 20 },
  { kind: 'slow', extraMs: 2_000 },
  ...ERRORS.map((error): Fault => ({ kind: 'error', error })),
  { kind: 'refuse-all' },
  { kind: 'slow-start', forMs: 3_000, answer: 'not-ready' },
  { kind: 'slow-start', forMs: 3_000, answer: 'refused' },
  { kind: 'wrong-count', by: 1 },
  { kind: 'wrong-count', by: -1 },
  { kind: 'not-a-number', value: 'NaN' },
  { kind: 'not-a-number', value: 'null' },
  { kind: 'wrong-dimensions', dimensions: 768, which: 'all' },
  { kind: 'wrong-dimensions', dimensions: 383, which: 'one' },
  { kind: 'zero-vector' },
  { kind: 'truncated' },
  { kind: 'cut-json' },
  { kind: 'malformed-json', at: 'middle' },
  { kind: 'malformed-json', at: 'end' },
  { kind: 'ping', status: 'FAILED' },
];

/** One mischief in four strikes only some requests. */
export function someMischief(random: () => number): Mischief {
  const pick = Math.floor(random() * (FAULTS.length + 6));
  const fault = FAULTS[pick];
  if (!fault) return { kind: pick % 2 === 0 ? 'killed' : 'stopped' };
  return { kind: 'fault', fault: random() < 0.25 ? { ...fault, probability: 0.3 } : fault };
}

export async function begin(backend: BackendProcess, mischief: Mischief): Promise<void> {
  if (mischief.kind === 'killed') await backend.kill();
  else if (mischief.kind === 'stopped') backend.signal('SIGSTOP');
  else await backend.setFault(mischief.fault);
}

export async function end(backend: BackendProcess, mischief: Mischief): Promise<void> {
  if (mischief.kind === 'killed') await backend.start();
  else if (mischief.kind === 'stopped') backend.signal('SIGCONT');
  else await backend.setFault(undefined);
}

export function nameOf(mischief: Mischief): string {
  if (mischief.kind !== 'fault') return mischief.kind;
  const { kind, ...more } = mischief.fault;
  return `${kind}${Object.values(more)
    .map((value) => ` ${value}`)
    .join('')}`;
}

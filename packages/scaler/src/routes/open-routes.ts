import type { ScalerMetrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { backendsList } from './backends-list.ts';
import { json, type Route } from './route.ts';

export interface OpenRouteParts {
  readonly store: Store;
  readonly groups: () => readonly GroupSettings[];
  readonly metrics: Pick<ScalerMetrics, 'render'>;
  /** Whether the first tick is over. */
  readonly ready: () => boolean;
}

/** What machines ask for: gateways their backends, Prometheus metrics, probes health. */
export function openRoutes({ store, groups, metrics, ready }: OpenRouteParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/backends',
      access: 'backends',
      answer: () => {
        const states = groups().map((settings) => ({ settings, state: store.load(settings.name) }));
        return json(backendsList(states, store.priorities()));
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      access: 'open',
      answer: async () => {
        const { contentType, body } = await metrics.render();
        return { kind: 'text', contentType, text: body };
      },
    },
    { method: 'GET', path: '/livez', access: 'open', answer: () => json({ status: 'alive' }) },
    {
      method: 'GET',
      path: '/readyz',
      access: 'open',
      answer: () => (ready() ? json({ status: 'ready' }) : json({ status: 'starting' }, 503)),
    },
  ];
}

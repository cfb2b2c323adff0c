import { at } from '../values.ts';
import { containersOf, inTarget, type KubernetesRule, utilizationsOf } from './kubernetes-subject.ts';

/** Utilisation is a part of what is requested; without requests there is no such number. */
export const hpaNoRequests: KubernetesRule = {
  id: 'hpa-no-requests',
  check: ({ hpa, target }) =>
    utilizationsOf(hpa).flatMap(({ resource }) =>
      containersOf(target)
        .filter(
          ({ container }) =>
            at(container, 'resources', 'requests', resource) === undefined &&
            // Where only a limit is given, Kubernetes requests that.
            at(container, 'resources', 'limits', resource) === undefined,
        )
        .map(({ path }) =>
          inTarget(
            path,
            `the autoscaler wants a percentage of the ${resource} that is requested, and this container requests none: it gets no value and never scales`,
            `resources.requests.${resource}, for every container of the pod`,
          ),
        ),
    ),
};

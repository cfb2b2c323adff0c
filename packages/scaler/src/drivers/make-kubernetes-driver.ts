import { z } from 'zod';
import type { GroupConfig } from '../config/scaler-config.ts';
import { ScalerError } from '../errors.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { readAccess } from './kubernetes/read-access.ts';
import { describeTarget, type KubernetesTarget } from './kubernetes/target.ts';
import { KubernetesDriver } from './kubernetes-driver.ts';
import { readDriverOptions } from './read-driver-options.ts';

const objectName = z.string().regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 'must be the name of an object');

const kubernetesOptions = z.strictObject({
  deployment: objectName.optional(),
  kind: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]*$/, 'must be a kind, such as StatefulSet')
    .optional(),
  name: objectName.optional(),
  apiVersion: z
    .string()
    .regex(/^([a-z0-9.-]+\/)?v[a-z0-9]+$/, 'must be like apps/v1')
    .default('apps/v1'),
  resource: objectName.optional(),
  namespace: objectName.optional(),
  port: z.int().min(1).max(65_535).default(8080),
  path: z.string().startsWith('/').default('/predictions/all-MiniLM-L6-v2'),
  onForeignScaler: z.enum(['refuse', 'warn']).default('refuse'),
  usageOf: z.enum(['requests', 'limits']).default('requests'),
  watchNodes: z.boolean().default(false),
  kubeconfig: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  server: z.url({ protocol: /^https?$/ }).optional(),
  tokenFile: z.string().min(1).optional(),
  caFile: z.string().min(1).optional(),
});
type KubernetesOptions = z.output<typeof kubernetesOptions>;

/** Replicas as pods of the group's Deployment, or of another object that can be scaled. Reads kubeconfig and token once, to say now what is wrong with them. */
export function makeKubernetesDriver(group: GroupConfig, around: DriverSurroundings): KubernetesDriver {
  const options = readDriverOptions(kubernetesOptions, group);
  const fail = (what: string): never => {
    throw new ScalerError('SCALER_CONFIG', `group ${group.name}, options of driver kubernetes: ${what}`);
  };
  const target = targetOf(options, fail);
  if (options.server !== undefined && (options.kubeconfig !== undefined || options.context !== undefined)) {
    fail('server says where the API server is, and so do kubeconfig and context: set one of them');
  }
  if (options.server === undefined && (options.tokenFile !== undefined || options.caFile !== undefined)) {
    fail('tokenFile and caFile belong to server, which is not set');
  }
  const access = readAccess(options, around.env);
  access();
  const cluster = options.server ?? options.context ?? options.kubeconfig;
  return new KubernetesDriver({
    ...around,
    targets: new Map([[group.name, target]]),
    scales: `${describeTarget(target, target.namespace ?? 'of the credentials')}${cluster === undefined ? '' : ` of ${cluster}`}`,
    readAccess: access,
    onForeignScaler: options.onForeignScaler,
    usageOf: options.usageOf,
    watchNodes: options.watchNodes,
  });
}

function targetOf(options: KubernetesOptions, fail: (what: string) => never): KubernetesTarget {
  const { deployment, kind = 'Deployment', apiVersion, namespace, port, path } = options;
  if (deployment !== undefined && (options.kind !== undefined || options.name !== undefined)) {
    return fail('deployment is short for kind: Deployment and name: set one or the other');
  }
  const name = deployment ?? options.name;
  if (name === undefined) return fail('set deployment to the name of the Deployment whose pods are replicas');
  const resource = options.resource ?? `${kind.toLowerCase()}s`;
  return { apiVersion, kind, resource, name, namespace, port, path };
}

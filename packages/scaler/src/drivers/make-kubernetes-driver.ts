import type { z } from 'zod';
import { choice, closed, flag, httpUrl, text } from '../config/fields.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import { ScalerError } from '../errors.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { readAccess } from './kubernetes/read-access.ts';
import { describeTarget, type KubernetesTarget } from './kubernetes/target.ts';
import { KubernetesDriver } from './kubernetes-driver.ts';
import { modelPath, onForeignScaler, port as portField, shaped } from './option-fields.ts';
import { readDriverOptions } from './read-driver-options.ts';

const objectName = shaped(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 'the name of an object');

const kubernetesOptions = closed({
  deployment: objectName.optional(),
  kind: shaped(/^[A-Z][A-Za-z0-9]*$/, 'a kind, such as StatefulSet').optional(),
  name: objectName.optional(),
  apiVersion: shaped(/^([a-z0-9.-]+\/)?v[a-z0-9]+$/, 'like apps/v1').default('apps/v1'),
  resource: objectName.optional(),
  namespace: objectName.optional(),
  port: portField,
  path: modelPath,
  onForeignScaler,
  usageOf: choice(['requests', 'limits']).default('requests'),
  watchNodes: flag().default(false),
  kubeconfig: text('the path of a file').optional(),
  context: text('the name of a context').optional(),
  server: httpUrl().optional(),
  tokenFile: text('the path of a file').optional(),
  caFile: text('the path of a file').optional(),
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
  const { namespace, server } = access();
  return new KubernetesDriver({
    ...around,
    targets: new Map([[group.name, target]]),
    scales: `${describeTarget(target, target.namespace ?? namespace)} of ${server}`,
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

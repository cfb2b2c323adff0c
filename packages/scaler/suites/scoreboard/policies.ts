import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultGroup } from '../../src/config/read-policy-file.ts';
import type { NamedController } from '../../src/simulate/controller.ts';
import { decidedController } from '../../src/simulate/decided-controller.ts';
import { awsTargetTracking } from '../../src/simulate/references/aws-target-tracking.ts';
import { hpa } from '../../src/simulate/references/hpa.ts';
import { hpa002 } from '../../src/simulate/references/hpa-002.ts';
import { knative } from '../../src/simulate/references/knative.ts';

const BY_NAME = new Map(
  [hpa, hpa002, awsTargetTracking, knative, decidedController('default', defaultGroup())].map((one) => [
    one.name,
    one,
  ]),
);

/** A policy by its name, or the export `controller` of a module by its path. */
export async function policyOf(nameOrPath: string): Promise<NamedController> {
  const named = BY_NAME.get(nameOrPath);
  if (named !== undefined) return named;
  const module = (await import(pathToFileURL(resolve(nameOrPath)).href)) as {
    readonly controller: NamedController;
  };
  return module.controller;
}

import { z } from 'zod';
import { awsFields } from '../aws/aws-settings.ts';
import { openEc2Api } from '../aws/open-ec2-api.ts';
import { choice, closed, integer, list, text } from '../config/fields.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { Ec2Driver } from './ec2-driver.ts';
import { anyText, mapping, modelPath, port, shaped, urlPath } from './option-fields.ts';
import { httpPing } from './process/ping.ts';
import { readDriverOptions } from './read-driver-options.ts';

/** A host that is up answers its health path in far less. */
const PROBE_TIMEOUT_MS = 1_000;

/** What EC2 takes for a pattern in a filter would find hosts of other pools, which would be ended as unknown ones. */
const pool = anyText(1, 256).regex(/^[^*?\\]*$/, {
  error: 'must be without *, ? and \\, which find the hosts of others too',
});

const launchTemplate = closed({
  id: shaped(/^lt-[0-9a-f]+$/, 'like lt-0123456789abcdef0').optional(),
  name: anyText(3, 128).optional(),
  version: z.coerce
    .string()
    .regex(/^(\$Default|\$Latest|[1-9]\d*)$/, 'must be a number, $Default or $Latest')
    .default('$Default'),
}).transform(({ id, name, version }, context) => {
  if (id !== undefined && name === undefined) return { id, version };
  if (name !== undefined && id === undefined) return { name, version };
  context.addIssue('needs either an id or a name');
  return z.NEVER;
});

const tagNameError = 'must be a tag of 1 to 128 characters that does not begin with aws: or forebay:';
const tagName = z
  .string({ error: tagNameError })
  .max(128, { error: tagNameError })
  .regex(/^(?!aws:|forebay:)./i, { error: tagNameError });

const ec2Options = closed({
  ...awsFields,
  pool,
  launchTemplate,
  instanceTypes: list(text('an instance type'), 'instance types', 0, 10).default([]),
  subnetIds: list(text('the id of a subnet'), 'subnets', 0, 10).default([]),
  tags: mapping(tagName, anyText(0, 256), 'tags to texts')
    .refine((tags) => Object.keys(tags).length <= 40, 'must be a mapping of at most 40 tags')
    .default({}),
  purchase: choice(['on-demand', 'spot', 'spot-first']).default('on-demand'),
  spotRetrySeconds: integer(10, 1_800).default(300),
  spotTrialSeconds: integer(60, 86_400).default(1_800),
  address: choice(['private', 'public']).default('private'),
  port,
  path: modelPath,
  healthPath: urlPath().default('/ping'),
  readiness: choice(['probe', 'report']).default('probe'),
  unhealthyAfterProbes: integer(1, 100).default(3),
  unknownHosts: choice(['end', 'adopt']).default('end'),
  listGraceSeconds: integer(0, 600).default(60),
});

/** Replicas as EC2 instances, launched and ended by the scaler itself; throws `SCALER_CONFIG` where the SDK's package is missing. */
export function makeEc2Driver(
  group: GroupConfig,
  { clock, ping = httpPing(PROBE_TIMEOUT_MS), onEvent }: DriverSurroundings,
): Ec2Driver {
  const { region, endpoint, ...options } = readDriverOptions(ec2Options, group);
  return new Ec2Driver({
    api: openEc2Api({ region, endpoint }),
    clock,
    options,
    ping,
    onEvent,
  });
}

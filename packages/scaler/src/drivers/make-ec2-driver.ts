import { z } from 'zod';
import { awsFields } from '../aws/aws-settings.ts';
import { openEc2Api } from '../aws/open-ec2-api.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import type { DriverSurroundings } from './driver-surroundings.ts';
import { Ec2Driver } from './ec2-driver.ts';
import { httpPing } from './process/ping.ts';
import { readDriverOptions } from './read-driver-options.ts';

/** A host that is up answers its health path in far less. */
const PROBE_TIMEOUT_MS = 1_000;

/** What EC2 takes for a pattern in a filter would find hosts of other pools, which would be ended as unknown ones. */
const pool = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^*?\\]*$/, 'must be without *, ? and \\, which find the hosts of others too');

const launchTemplate = z
  .strictObject({
    id: z
      .string()
      .regex(/^lt-[0-9a-f]+$/, 'must be like lt-0123456789abcdef0')
      .optional(),
    name: z.string().min(3).max(128).optional(),
    version: z.coerce
      .string()
      .regex(/^(\$Default|\$Latest|[1-9]\d*)$/, 'must be a number, $Default or $Latest')
      .default('$Default'),
  })
  .transform(({ id, name, version }, context) => {
    if (id !== undefined && name === undefined) return { id, version };
    if (name !== undefined && id === undefined) return { name, version };
    context.addIssue('needs either an id or a name');
    return z.NEVER;
  });

const ec2Options = z.strictObject({
  ...awsFields,
  pool,
  launchTemplate,
  instanceTypes: z.array(z.string().min(1)).max(10).default([]),
  subnetIds: z.array(z.string().min(1)).max(10).default([]),
  tags: z
    .record(
      z
        .string()
        .max(128)
        .regex(/^(?!aws:|forebay:)./i, 'must not begin with aws: or forebay:'),
      z.string().max(256),
    )
    .refine((tags) => Object.keys(tags).length <= 40, 'at most 40')
    .default({}),
  purchase: z.enum(['on-demand', 'spot', 'spot-first']).default('on-demand'),
  spotRetrySeconds: z.int().min(10).max(1_800).default(300),
  spotTrialSeconds: z.int().min(60).max(86_400).default(1_800),
  address: z.enum(['private', 'public']).default('private'),
  port: z.int().min(1).max(65_535).default(8080),
  path: z.string().startsWith('/').default('/predictions/all-MiniLM-L6-v2'),
  healthPath: z.string().startsWith('/').default('/ping'),
  readiness: z.enum(['probe', 'report']).default('probe'),
  unhealthyAfterProbes: z.int().min(1).max(100).default(3),
  unknownHosts: z.enum(['end', 'adopt']).default('end'),
  listGraceSeconds: z.int().min(0).max(600).default(60),
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

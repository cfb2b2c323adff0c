import { z } from 'zod';
import { type AwsSettings, awsFields } from '../../aws/aws-settings.ts';

/** Checked, with defaults. */
export interface AsgOptions extends AwsSettings {
  readonly autoScalingGroupName: string;
  readonly scheme: 'http' | 'https';
  /** Of the model server on each instance. */
  readonly port: number;
  readonly path: string;
  /** `false`: an instance in service counts as ready. */
  readonly healthPath: string | false;
  readonly onForeignScaler: 'refuse' | 'warn';
  /** Of the group's CPUUtilization. */
  readonly metricPeriodSeconds: number;
}

/** Options of the driver `asg`, as docs/drivers/asg.md lists them. */
export const asgOptionsSchema: z.ZodType<AsgOptions> = z.strictObject({
  ...awsFields,
  autoScalingGroupName: z.string().min(1),
  scheme: z.enum(['http', 'https']).default('http'),
  port: z.int().min(1).max(65_535).default(8080),
  path: z.string().startsWith('/').default('/predictions/all-MiniLM-L6-v2'),
  healthPath: z.union([z.string().startsWith('/'), z.literal(false)]).default('/ping'),
  onForeignScaler: z.enum(['refuse', 'warn']).default('refuse'),
  metricPeriodSeconds: z.int().min(60).multipleOf(60).default(300),
});

import { z } from 'zod';
import { type AwsSettings, awsFields } from '../../aws/aws-settings.ts';
import { closed, text } from '../../config/fields.ts';
import { modelPath, onForeignScaler, port, scheme, urlPath } from '../option-fields.ts';

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

const wholeMinutes = 'must be a multiple of 60, at least 60';

/** Options of the driver `asg`, as docs/drivers/asg.md lists them. */
export const asgOptionsSchema: z.ZodType<AsgOptions> = closed({
  ...awsFields,
  autoScalingGroupName: text('the name of an Auto Scaling group'),
  scheme,
  port,
  path: modelPath,
  healthPath: z
    .union([urlPath(), z.literal(false)], { error: 'must be a path that begins with /, or false' })
    .default('/ping'),
  onForeignScaler,
  metricPeriodSeconds: z
    .int({ error: wholeMinutes })
    .min(60, { error: wholeMinutes })
    .multipleOf(60, { error: wholeMinutes })
    .default(300),
});

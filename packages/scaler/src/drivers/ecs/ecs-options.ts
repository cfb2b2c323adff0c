import type { z } from 'zod';
import { type AwsSettings, awsFields } from '../../aws/aws-settings.ts';
import { choice, closed, flag, text } from '../../config/fields.ts';
import { modelPath, onForeignScaler, port, scheme, shaped } from '../option-fields.ts';

/** Options of the driver `ecs`, as docs/drivers/ecs.md lists them. */
export interface EcsOptions extends AwsSettings {
  /** Name or ARN. */
  readonly cluster: string;
  readonly service: string;
  /** `none`: replicas have no URL. */
  readonly url: 'auto' | 'none';
  readonly scheme: 'http' | 'https';
  /** The container's. */
  readonly port: number;
  readonly path: string;
  /** Whether scale-in takes the tasks that were chosen; else ECS chooses. */
  readonly taskProtection: boolean;
  readonly onForeignScaler: 'refuse' | 'warn';
}

/** Reads them; the defaults are here. */
export const ecsOptionsSchema: z.ZodType<EcsOptions> = closed({
  ...awsFields,
  cluster: text('the name or ARN of a cluster').default('default'),
  service: shaped(/^[A-Za-z0-9_-]{1,255}$/, 'the name of a service, not its ARN'),
  url: choice(['auto', 'none']).default('auto'),
  scheme,
  port,
  path: modelPath,
  taskProtection: flag().default(true),
  onForeignScaler,
});

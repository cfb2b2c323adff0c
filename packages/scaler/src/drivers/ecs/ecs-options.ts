import { z } from 'zod';
import { type AwsSettings, awsFields } from '../../aws/aws-settings.ts';

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
export const ecsOptionsSchema: z.ZodType<EcsOptions> = z.strictObject({
  ...awsFields,
  cluster: z.string().min(1).default('default'),
  service: z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'must be the name of a service, not its ARN'),
  url: z.enum(['auto', 'none']).default('auto'),
  scheme: z.enum(['http', 'https']).default('http'),
  port: z.int().min(1).max(65_535).default(8080),
  path: z.string().startsWith('/').default('/predictions/all-MiniLM-L6-v2'),
  taskProtection: z.boolean().default(true),
  onForeignScaler: z.enum(['refuse', 'warn']).default('refuse'),
});

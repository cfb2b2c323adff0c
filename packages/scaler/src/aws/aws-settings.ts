import { z } from 'zod';

/** What every AWS client is made with. Credentials are the SDK's business: environment, profile, container or instance role. */
export interface AwsSettings {
  /** Such as `eu-west-1`; undefined: the SDK's own rules (AWS_REGION, profile). */
  readonly region?: string | undefined;
  /** Another endpoint than AWS's own, such as a VPC endpoint or a test server. */
  readonly endpoint?: string | undefined;
}

/** The fields of `AwsSettings` as options of a driver or signal, to be spread into a zod object. */
export const awsFields: { readonly [Name in keyof Required<AwsSettings>]: z.ZodOptional<z.ZodString> } = {
  region: awsText(/./, 'must be the name of a region').optional(),
  endpoint: awsText(
    /^https?:\/\/[^/@]+\/?$/,
    'must be a URL like http://127.0.0.1:5000, without a user or password',
  ).optional(),
};

function awsText(form: RegExp, error: string): z.ZodString {
  return z.string({ error }).regex(form, { error });
}

/** With the region that the SDK would take from the environment, so that one thing has one name. */
export function withRegion<Settings extends AwsSettings>(
  settings: Settings,
  { AWS_REGION }: Readonly<Record<string, string | undefined>>,
): Settings {
  return settings.region === undefined && AWS_REGION ? { ...settings, region: AWS_REGION } : settings;
}

/** What the constructor of an SDK client takes. Each attempt is short; the call as a whole ends with its caller's signal. */
export function clientConfig({ region, endpoint }: AwsSettings): ClientConfig {
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 3,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  };
}

/** The part of every SDK client's configuration that is ours. */
interface ClientConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly maxAttempts: number;
  readonly retryMode: 'standard';
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    /** Without it the SDK only prints a warning. */
    readonly throwOnRequestTimeout: boolean;
  };
}

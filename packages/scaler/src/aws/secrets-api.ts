import { ScalerError } from '../errors.ts';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { awsErrorName, toAwsError } from './to-aws-error.ts';

/** AWS Secrets Manager, as far as it is used here. Needs `secretsmanager:GetSecretValue`, and `kms:Decrypt` for a key of one's own. */
export interface SecretsApi {
  /** The current text of a secret, by name or ARN; rejects with `SCALER_CONFIG` where there is none of that name. */
  text(nameOrArn: string, signal: AbortSignal): Promise<string>;
}

/** Loads the SDK at the first call. */
export function openSecretsApi(settings: AwsSettings): SecretsApi {
  const load = async () => {
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    return { client: new SecretsManagerClient(clientConfig(settings)), GetSecretValueCommand };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return {
    async text(nameOrArn, signal) {
      const what = `reading secret ${JSON.stringify(nameOrArn)} in ${settings.region ?? 'the default region'}`;
      try {
        loaded ??= load();
        const { client, GetSecretValueCommand } = await loaded;
        const command = new GetSecretValueCommand({ SecretId: nameOrArn });
        const { SecretString, SecretBinary } = await client.send(command, { abortSignal: signal });
        return SecretString ?? Buffer.from(SecretBinary ?? []).toString('utf8');
      } catch (error) {
        if (awsErrorName(error) !== 'ResourceNotFoundException') throw toAwsError(error, what, signal);
        const advice = 'is it of this account and region, and does it have a current version?';
        throw new ScalerError('SCALER_CONFIG', `${what}: there is none; ${advice}`, { cause: error });
      }
    },
  };
}

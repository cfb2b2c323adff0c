import { ScalerError } from '../errors.ts';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { LazyClient } from './lazy-client.ts';
import { awsErrorName } from './to-aws-error.ts';

/** AWS Secrets Manager, as far as it is used here. Needs `secretsmanager:GetSecretValue`, and `kms:Decrypt` for a key of one's own. */
export interface SecretsApi {
  /** The current text of a secret, by name or ARN; rejects with `SCALER_CONFIG` where there is none of that name. */
  text(nameOrArn: string, signal: AbortSignal): Promise<string>;
}

/** The owner of the SDK for Secrets Manager. */
export function openSecretsApi(settings: AwsSettings): SecretsApi {
  const secrets = new LazyClient(async () => {
    const { SecretsManagerClient, ...commands } = await import('@aws-sdk/client-secrets-manager');
    return { ...commands, client: new SecretsManagerClient(clientConfig(settings)) };
  });
  return {
    text(nameOrArn, signal) {
      const what = `reading secret ${JSON.stringify(nameOrArn)} in ${settings.region ?? 'the default region'}`;
      return secrets.call(what, signal, async ({ client, GetSecretValueCommand }) => {
        try {
          const command = new GetSecretValueCommand({ SecretId: nameOrArn });
          const { SecretString, SecretBinary } = await client.send(command, { abortSignal: signal });
          return SecretString ?? Buffer.from(SecretBinary ?? []).toString('utf8');
        } catch (error) {
          if (awsErrorName(error) !== 'ResourceNotFoundException') throw error;
          const advice = 'is it of this account and region, and does it have a current version?';
          throw new ScalerError('SCALER_CONFIG', `${what}: there is none; ${advice}`, { cause: error });
        }
      });
    },
  };
}

import type { AwsSettings } from '../aws/aws-settings.ts';
import type { InstanceMetadata } from '../aws/instance-metadata.ts';
import type { InstanceTagsApi } from '../aws/instance-tags-api.ts';
import type { SecretsApi } from '../aws/secrets-api.ts';
import { ScalerError } from '../errors.ts';

/** Where a configuration that is no file is looked up. */
export interface RemoteConfigIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly metadata: Pick<InstanceMetadata, 'endpoint' | 'instanceId' | 'region' | 'tag'>;
  readonly openSecrets: (settings: AwsSettings) => SecretsApi;
  readonly openTags: (settings: AwsSettings) => InstanceTagsApi;
  readonly signal: AbortSignal;
}

const SECRET = 'secret:';
const SECRET_TAG = 'secret-tag:';

/**
 * The text that `--config` means where it isn't a path: `secret:NAME_OR_ARN` in AWS Secrets Manager, or `secret-tag:TAG`, the secret that a
 * tag of this EC2 instance names (document 001: `ConfSecret`). Undefined for a path.
 *
 * @throws ScalerError saying what was looked for, where
 */
export async function remoteConfig(
  name: string | undefined,
  io: RemoteConfigIo,
): Promise<string | undefined> {
  if (name?.startsWith(SECRET_TAG))
    return await inPlace(name, secretOfTag(name.slice(SECRET_TAG.length), io));
  if (name?.startsWith(SECRET)) return await inPlace(name, secretText(name.slice(SECRET.length), io));
  return undefined;
}

async function secretOfTag(tag: string, io: RemoteConfigIo): Promise<string> {
  const { metadata, signal } = io;
  if (tag === '') throw new ScalerError('SCALER_CONFIG', 'the name of a tag must follow, such as ConfSecret');
  const instanceId = await metadata.instanceId(signal);
  const region = regionOf(io) ?? (await metadata.region(signal));
  // Instances show their tags there only if they are told to.
  const found =
    (await metadata.tag(tag, signal)) ?? (await io.openTags({ region }).tag(instanceId, tag, signal));
  if (found === undefined || found.trim() === '') {
    const where = `asked instance metadata at ${metadata.endpoint}, then EC2 DescribeTags`;
    const message = `instance ${instanceId} in ${region} has no tag ${tag} (${where}): its value must be the name of a secret`;
    throw new ScalerError('SCALER_CONFIG', message);
  }
  return await secretText(found.trim(), io, region);
}

async function secretText(name: string, io: RemoteConfigIo, known?: string): Promise<string> {
  if (name === '') throw new ScalerError('SCALER_CONFIG', 'the name or ARN of a secret must follow');
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(name)?.[1] ?? known ?? (await ownRegion(io));
  return await io.openSecrets({ region }).text(name, io.signal);
}

/** That of the environment, else of this instance; undefined elsewhere: then the SDK's own rules hold. */
async function ownRegion(io: RemoteConfigIo): Promise<string | undefined> {
  return regionOf(io) ?? (await io.metadata.region(io.signal).catch(() => undefined));
}

function regionOf({ env }: RemoteConfigIo): string | undefined {
  return env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined;
}

async function inPlace(name: string, text: Promise<string>): Promise<string> {
  try {
    return await text;
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new ScalerError('SCALER_CONFIG', `--config ${name}: ${because}`, { cause: error });
  }
}

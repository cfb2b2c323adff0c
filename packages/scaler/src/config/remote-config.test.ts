import { describe, expect, it } from 'vitest';
import type { AwsSettings } from '../aws/aws-settings.ts';
import { ScalerError } from '../errors.ts';
import { type RemoteConfigIo, remoteConfig } from './remote-config.ts';

/** Fakes of AWS; the real ones are in the suite on moto. `asked` tells in which regions what was looked up. */
function world(over: {
  readonly env?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly metadataTags?: Readonly<Record<string, string>>;
  readonly ec2Tags?: Readonly<Record<string, string>>;
  readonly isOnEc2?: boolean;
}) {
  const asked: string[] = [];
  const { env = {}, secrets = {}, metadataTags = {}, ec2Tags = {}, isOnEc2 = true } = over;
  const onEc2 = async <T>(value: T): Promise<T> => {
    if (!isOnEc2) throw new ScalerError('SCALER_DRIVER_FAILED', 'instance metadata at http://m: no answer');
    return value;
  };
  const io: RemoteConfigIo = {
    env,
    metadata: {
      endpoint: 'http://m',
      instanceId: () => onEc2('i-1'),
      region: () => onEc2('eu-west-1'),
      tag: (name) => onEc2(metadataTags[name]),
    },
    openSecrets: ({ region }: AwsSettings) => ({
      async text(name) {
        asked.push(`secret ${name} in ${region}`);
        const text = secrets[name];
        if (text === undefined) throw new ScalerError('SCALER_CONFIG', `reading secret "${name}": none`);
        return text;
      },
    }),
    openTags: ({ region }: AwsSettings) => ({
      async tag(id, name) {
        asked.push(`tag ${name} of ${id} in ${region}`);
        return ec2Tags[name];
      },
    }),
    signal: new AbortController().signal,
  };
  return { asked, io };
}

it.each([undefined, 'scaler.yaml', './secret:odd.yaml'])('leaves %j to who reads files', async (name) => {
  expect(await remoteConfig(name, world({}).io)).toBe(undefined);
});

describe('secret:', () => {
  const arn = 'arn:aws:secretsmanager:us-east-2:1:secret:forebay-AbC';
  it.each([
    ['secret:forebay', {}, 'secret forebay in eu-west-1'],
    ['secret:forebay', { AWS_REGION: 'eu-north-1' }, 'secret forebay in eu-north-1'],
    ['secret:forebay', { AWS_DEFAULT_REGION: 'eu-north-1' }, 'secret forebay in eu-north-1'],
    [`secret:${arn}`, { AWS_REGION: 'eu-north-1' }, `secret ${arn} in us-east-2`],
  ])('reads %s with %j as %s', async (name, env, expected) => {
    const { asked, io } = world({ env, secrets: { forebay: 'port: 1', [arn]: 'port: 1' } });
    expect(await remoteConfig(name, io)).toBe('port: 1');
    expect(asked).toEqual([expected]);
  });

  it('leaves the region to the SDK where nobody says it', async () => {
    const { asked, io } = world({ secrets: { a: '' }, isOnEc2: false });
    expect(await remoteConfig('secret:a', io)).toBe('');
    expect(asked).toEqual(['secret a in undefined']);
  });

  it('says which secret could not be read', async () => {
    await expect(remoteConfig('secret:a', world({}).io)).rejects.toMatchObject({
      code: 'SCALER_CONFIG',
      message: '--config secret:a: reading secret "a": none',
    });
    await expect(remoteConfig('secret:', world({}).io)).rejects.toThrow('name or ARN of a secret');
  });
});

describe('secret-tag:', () => {
  const secrets = { forebay: 'port: 1' };

  it('reads the secret that a tag names, in instance metadata or else by DescribeTags', async () => {
    const first = world({ secrets, metadataTags: { ConfSecret: 'forebay' } });
    expect(await remoteConfig('secret-tag:ConfSecret', first.io)).toBe('port: 1');
    expect(first.asked).toEqual(['secret forebay in eu-west-1']);
    const second = world({ secrets, ec2Tags: { ConfSecret: 'forebay' } });
    expect(await remoteConfig('secret-tag:ConfSecret', second.io)).toBe('port: 1');
    expect(second.asked).toEqual(['tag ConfSecret of i-1 in eu-west-1', 'secret forebay in eu-west-1']);
  });

  it('says what was looked for where', async () => {
    await expect(remoteConfig('secret-tag:ConfSecret', world({ secrets }).io)).rejects.toThrow(
      '--config secret-tag:ConfSecret: instance i-1 in eu-west-1 has no tag ConfSecret (asked instance metadata at http://m, then EC2 DescribeTags): its value must be the name of a secret',
    );
    await expect(
      remoteConfig('secret-tag:ConfSecret', world({ secrets, isOnEc2: false }).io),
    ).rejects.toThrow('--config secret-tag:ConfSecret: instance metadata at http://m: no answer');
    await expect(remoteConfig('secret-tag:', world({}).io)).rejects.toThrow('name of a tag');
  });
});

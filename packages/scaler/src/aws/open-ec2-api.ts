import type { EC2Client } from '@aws-sdk/client-ec2';
import { ScalerError } from '../errors.ts';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import type { Ec2Api, RunInstanceRequest } from './ec2-api.ts';
import { toInstance, toRunInput } from './ec2-wire.ts';
import { toAwsError } from './to-aws-error.ts';

/** Most that one page may hold without being slow. */
const PAGE_SIZE = 500;

/**
 * EC2 itself; the owner of `@aws-sdk/client-ec2`, which is loaded with the first call.
 *
 * @throws ScalerError `SCALER_CONFIG` when that package, an optional dependency, is not installed
 */
export function openEc2Api(settings: AwsSettings): Ec2Api {
  requireSdk();
  let opened: Promise<Opened> | undefined;
  const open = () => {
    opened ??= openClient(settings);
    return opened;
  };
  return {
    runInstance: (request, signal) =>
      typed(`launching ${nameOf(request)}`, signal, async () => {
        const { sdk, client } = await open();
        const command = new sdk.RunInstancesCommand(toRunInput(request));
        const { Instances = [] } = await client.send(command, { abortSignal: signal });
        return toInstance(Instances[0]);
      }),
    describePage: (tags, pageToken, signal) =>
      typed(`listing the instances with tags ${JSON.stringify(tags)}`, signal, async () => {
        const { sdk, client } = await open();
        const Filters = Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
        const page = pageToken === undefined ? {} : { NextToken: pageToken };
        const command = new sdk.DescribeInstancesCommand({ Filters, MaxResults: PAGE_SIZE, ...page });
        const { Reservations = [], NextToken } = await client.send(command, { abortSignal: signal });
        const instances = Reservations.flatMap(({ Instances = [] }) => Instances.map(toInstance));
        return NextToken ? { instances, nextToken: NextToken } : { instances };
      }),
    terminate: (instanceIds, signal) =>
      typed(`terminating ${instanceIds.length} instances`, signal, async () => {
        const { sdk, client } = await open();
        const command = new sdk.TerminateInstancesCommand({ InstanceIds: [...instanceIds] });
        await client.send(command, { abortSignal: signal });
      }),
    async close() {
      await opened?.then(
        ({ client }) => client.destroy(),
        () => undefined, // it was never opened, as each call has said
      );
    },
  };
}

interface Opened {
  readonly sdk: typeof import('@aws-sdk/client-ec2');
  readonly client: EC2Client;
}

function requireSdk(): void {
  try {
    import.meta.resolve('@aws-sdk/client-ec2');
  } catch (cause) {
    const message =
      'driver ec2 needs the package @aws-sdk/client-ec2, which is optional: npm install @aws-sdk/client-ec2@3';
    throw new ScalerError('SCALER_CONFIG', message, { cause });
  }
}

async function openClient(settings: AwsSettings): Promise<Opened> {
  const sdk = await import('@aws-sdk/client-ec2');
  return { sdk, client: new sdk.EC2Client(clientConfig(settings)) };
}

async function typed<T>(what: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    signal.throwIfAborted();
    return await call();
  } catch (error) {
    throw toAwsError(error, what, signal);
  }
}

function nameOf({ launchTemplate, spot, tags }: RunInstanceRequest): string {
  const template = 'id' in launchTemplate ? launchTemplate.id : launchTemplate.name;
  return `host "${tags.Name ?? ''}"${spot ? ' as spot' : ''} from template ${template} version ${launchTemplate.version}`;
}

import type { EC2Client } from '@aws-sdk/client-ec2';
import { ScalerError } from '../errors.ts';
import { type AwsSettings, clientConfig } from './aws-settings.ts';
import type { Ec2Api, RunInstanceRequest } from './ec2-api.ts';
import { toInstance, toRunInput } from './ec2-wire.ts';
import { LazyClient } from './lazy-client.ts';
import { lacksRoom } from './to-aws-error.ts';

/** Most that one page may hold without being slow. */
const PAGE_SIZE = 500;

/**
 * EC2 itself; the owner of `@aws-sdk/client-ec2`, which is loaded with the first call.
 *
 * @throws ScalerError `SCALER_CONFIG` when that package, an optional dependency, is not installed
 */
export function openEc2Api(settings: AwsSettings): Ec2Api {
  requireSdk();
  const ec2 = new LazyClient(async () => {
    const { EC2Client, ...commands } = await import('@aws-sdk/client-ec2');
    return { ...commands, client: askingOnceForRoom(new EC2Client(clientConfig(settings))) };
  });
  return {
    runInstance: (request, signal) =>
      ec2.call(`launching ${nameOf(request)}`, signal, async ({ client, RunInstancesCommand }) => {
        const command = new RunInstancesCommand(toRunInput(request));
        const { Instances = [] } = await client.send(command, { abortSignal: signal });
        return toInstance(Instances[0]);
      }),
    describePage: (tags, pageToken, signal) =>
      ec2.call(
        `listing the instances with tags ${JSON.stringify(tags)}`,
        signal,
        async ({ client, DescribeInstancesCommand }) => {
          const Filters = Object.entries(tags).map(([key, value]) => ({
            Name: `tag:${key}`,
            Values: [value],
          }));
          const page = pageToken === undefined ? {} : { NextToken: pageToken };
          const command = new DescribeInstancesCommand({ Filters, MaxResults: PAGE_SIZE, ...page });
          const { Reservations = [], NextToken } = await client.send(command, { abortSignal: signal });
          const instances = Reservations.flatMap(({ Instances = [] }) => Instances.map(toInstance));
          return NextToken ? { instances, nextToken: NextToken } : { instances };
        },
      ),
    terminate: (instanceIds, signal) =>
      ec2.call(
        `terminating ${instanceIds.length} instances`,
        signal,
        async ({ client, TerminateInstancesCommand }) => {
          const command = new TerminateInstancesCommand({ InstanceIds: [...instanceIds] });
          await client.send(command, { abortSignal: signal });
        },
      ),
    close: () => ec2.close(),
  };
}

/** EC2 says with status 500 that it has no room, which the SDK takes for a fault that passes, and asks again: launches are counted, and there is no more room a moment later. */
function askingOnceForRoom(client: EC2Client): EC2Client {
  const usual = client.config.retryStrategy;
  client.config.retryStrategy = async () => {
    const strategy = await usual();
    if (!('refreshRetryTokenForRetry' in strategy)) return strategy;
    return {
      acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
      refreshRetryTokenForRetry: async (token, refusal) => {
        if (lacksRoom(refusal.error ?? {})) throw refusal.error;
        return strategy.refreshRetryTokenForRetry(token, refusal);
      },
      recordSuccess: (token) => strategy.recordSuccess(token),
    };
  };
  return client;
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

function nameOf({ launchTemplate, spot, tags }: RunInstanceRequest): string {
  const template = 'id' in launchTemplate ? launchTemplate.id : launchTemplate.name;
  return `host "${tags.Name ?? ''}"${spot ? ' as spot' : ''} from template ${template} version ${launchTemplate.version}`;
}

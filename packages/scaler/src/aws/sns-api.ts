import { type AwsSettings, clientConfig } from './aws-settings.ts';
import { LazyClient } from './lazy-client.ts';

/** What we ask of SNS. Calls reject with a `ScalerError`, and when their signal aborts. */
export interface SnsApi {
  /**
   * @param subject of an e-mail: 1 to 100 printable ASCII characters, the first of them no blank
   */
  publish(
    topicArn: string,
    note: { readonly subject: string; readonly message: string },
    signal: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}

/** The owner of the SDK for SNS. Needs sns:Publish on the topic. */
export function openSnsApi(settings: AwsSettings): SnsApi {
  const sns = new LazyClient(async () => {
    const { SNSClient, ...commands } = await import('@aws-sdk/client-sns');
    return { ...commands, client: new SNSClient(clientConfig(settings)) };
  });
  return {
    publish: (topicArn, { subject, message }, signal) =>
      sns.call(`publishing to ${topicArn}`, signal, async ({ client, PublishCommand }) => {
        const command = new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message });
        await client.send(command, { abortSignal: signal });
      }),
    close: () => sns.close(),
  };
}

import type { LaunchTemplate } from '../../aws/ec2-api.ts';
import type { PurchaseChoice } from './purchase.ts';

/** How the hosts of a pool are launched and asked, as the group's options say it. */
export interface Ec2HostOptions {
  /** Tells the hosts of this scaler from others in the same account and region. */
  readonly pool: string;
  readonly launchTemplate: LaunchTemplate;
  /** Over the template's, the first that has room. Empty: the template's. */
  readonly instanceTypes: readonly string[];
  /** Over the template's; hosts are spread over them. Empty: the template's. */
  readonly subnetIds: readonly string[];
  /** Besides those that the driver needs. */
  readonly tags: Readonly<Record<string, string>>;
  readonly purchase: PurchaseChoice;
  readonly spotRetrySeconds: number;
  readonly spotTrialSeconds: number;
  readonly address: 'private' | 'public';
  readonly port: number;
  /** Of the model, as in a backend's URL. */
  readonly path: string;
  readonly healthPath: string;
  /** `probe`: a host is ready when it answers. `report`: when it says so itself over the scaler's API. */
  readonly readiness: 'probe' | 'report';
  readonly unhealthyAfterProbes: number;
  readonly unknownHosts: 'end' | 'adopt';
  readonly listGraceSeconds: number;
}

import { expect, it } from 'vitest';
import { nodeOf, taskOf } from './engine-values.test-support.ts';
import { replicaUrl } from './replica-url.ts';

const attached = (name: string, addresses: readonly string[], driver = 'overlay') => ({
  Network: { Spec: { Name: name }, DriverState: { Name: driver } },
  Addresses: addresses,
});
const overlay = attached('embed_default', ['10.0.1.7/24']);
const rule = { port: 8080, path: '/predictions/m' };
const published = (PublishMode: string, TargetPort = 8080) => ({
  Status: { State: 'running', PortStatus: { Ports: [{ PublishMode, TargetPort, PublishedPort: 31_005 }] } },
});

it.each([
  [
    'its address on the overlay network',
    rule,
    { NetworksAttachments: [overlay] },
    'http://10.0.1.7:8080/predictions/m',
  ],
  [
    'the one that is not the ingress',
    rule,
    { NetworksAttachments: [attached('ingress', ['10.255.0.9/16']), overlay] },
    'http://10.0.1.7:8080/predictions/m',
  ],
  [
    'the network that is named',
    { ...rule, network: 'back' },
    { NetworksAttachments: [overlay, attached('back', ['10.0.2.3/24'])] },
    'http://10.0.2.3:8080/predictions/m',
  ],
  [
    'none when the named network is not there',
    { ...rule, network: 'back' },
    { NetworksAttachments: [overlay] },
    undefined,
  ],
  [
    'the port that its node publishes, before the overlay',
    rule,
    { ...published('host'), NetworksAttachments: [overlay] },
    'http://192.0.2.1:31005/predictions/m',
  ],
  [
    'not what the ingress publishes: that leads to any task',
    rule,
    { ...published('ingress'), NetworksAttachments: [overlay] },
    'http://10.0.1.7:8080/predictions/m',
  ],
  [
    'not another port',
    rule,
    { ...published('host', 9090), NetworksAttachments: [overlay] },
    'http://10.0.1.7:8080/predictions/m',
  ],
  [
    'its node on the network of the host',
    rule,
    { NetworksAttachments: [attached('host', [], 'host')] },
    'http://192.0.2.1:8080/predictions/m',
  ],
  [
    'an IPv6 address in brackets',
    rule,
    { NetworksAttachments: [attached('v6', ['fd00::7/64'])] },
    'http://[fd00::7]:8080/predictions/m',
  ],
  ['none without any network', rule, { NetworksAttachments: [] }, undefined],
  [
    'a template',
    {
      ...rule,
      template: 'http://{nodeName}:1808{slot}/{service}/{task}/{node}/{nodeAddress}/{address}/{port}',
    },
    { NetworksAttachments: [overlay] },
    'http://host-n1:18083/embed_djl-cpu/t1/n1/192.0.2.1/10.0.1.7/8080',
  ],
  [
    'none while a value of the template is not known',
    { ...rule, template: 'http://{address}:{port}/' },
    { NetworksAttachments: [] },
    undefined,
  ],
])('finds %s', (_, url, task, expected) => {
  expect(replicaUrl(url, 'embed_djl-cpu', taskOf({ Slot: 3, ...task }), nodeOf())).toBe(expected);
});

it.each([
  ['192.0.2.9', '10.0.0.1:2377', '192.0.2.9'],
  ['0.0.0.0', '10.0.0.1:2377', '10.0.0.1'],
  ['0.0.0.0', '[fd00::1]:2377', '[fd00::1]'],
  [undefined, undefined, undefined],
])('takes %s, with %s as a manager, for %s', (Addr, manager, host) => {
  const node = nodeOf({ Status: { State: 'ready', Addr }, ManagerStatus: { Addr: manager } });
  const url = replicaUrl({ ...rule, template: 'http://{nodeAddress}/p' }, 's', taskOf(), node);
  expect(url).toBe(host && `http://${host}/p`);
});

it('knows nothing of a node that is not listed', () => {
  const host = { NetworksAttachments: [attached('host', [], 'host')] };
  expect(replicaUrl(rule, 's', taskOf(host), undefined)).toBeUndefined();
});

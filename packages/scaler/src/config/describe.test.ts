import { describe, expect, it } from 'vitest';
import { describeHelp } from './describe.ts';
import { describeConfig } from './describe-config.ts';
import { loadConfig } from './load-config.ts';

function load(env: Record<string, string>, yaml?: string) {
  const loaded = loadConfig({
    env: { HOME: '/home/u', ...env },
    argv: yaml === undefined ? [] : ['--config', 'f.yaml'],
    readFile: () => yaml ?? '',
  });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return loaded;
}

describe('--help', () => {
  const help = describeHelp('1.2.3');

  it.each([
    [/^forebay-scaler 1\.2\.3: /],
    [/^ {2}port +\[SCALER_PORT, else PORT\] the port to listen on[^\n]*\n? *Default: 8090$/m],
    [/^ {2}min +\[MIN_INSTANCES\] never fewer/m],
    [/^ {2}cooldownSeconds +\[SCALING_COOLDOWN\] time after [^.]*\. Default:\s+out 0, in \d+$/m],
    [/^ {2}CPU_THRESHOLD +adds a threshold policy/m],
    [/^ {2}queued-work +arrivals, backlog and trend/m],
    [/^ {4}perReplica +.*Required$/m],
    [/forebay-scaler lint FILE/],
  ])('has %s', (pattern) => {
    expect(help).toMatch(pattern);
  });

  it('fits a terminal of 120 columns and has a meaning for every setting', () => {
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(help.split('\n').filter((line) => /^ {2}[a-z]\w+ *$/.test(line))).toEqual([]);
  });
});

describe('--check-config', () => {
  const yaml = `# mine
drivers: {process: {command: [djl, --quiet], apiToken: hush}}
groups:
  - name: cpu
    class: cpu
  - max: 4
alarms:
  - {name: hot, signal: cpu_percent, above: 80, webhook: 'http://me:hush@hooks/'}
`;
  const env = {
    MIN_INSTANCES: '1',
    CPU_THRESHOLD: '70',
    FOREBAY_ADMIN_KEY: 'hush',
    BACKENDS_TOKEN: 'hush',
    HOSTS_TOKEN: 'hush-hosts',
  };

  it('says where each value was written', () => {
    const text = describeConfig(load(env, yaml));
    expect(text).toContain('class: cpu # f.yaml:5\n');
    expect(text).toContain('    min: 1 # MIN_INSTANCES\n');
    expect(text).toContain('    max: 4 # f.yaml:6\n');
    expect(text).toContain('        above: 70 # CPU_THRESHOLD\n');
    expect(text).toContain('- --quiet # f.yaml:2\n');
    expect(text).toContain('port: 8090\n');
  });

  it('shows no secret', () => {
    const text = describeConfig(load(env, yaml));
    expect(text).not.toContain('hush');
    expect(text).toContain('forebayAdminKey: "****" # FOREBAY_ADMIN_KEY');
    expect(text).toContain('http://hooks/****');
  });

  it('is itself a file that comes to the same configuration', () => {
    const noGateway = load({ GATEWAY_URL: 'none' });
    expect(load({}, describeConfig(noGateway)).config).toEqual(noGateway.config);
    const loaded = load(
      { MIN_INSTANCES: '1', MEMORY_THRESHOLD: '80' },
      'groups: [{class: gpu, policies: []}]',
    );
    expect(load({}, describeConfig(loaded)).config).toEqual(loaded.config);
  });

  it('shows warnings', () => {
    expect(describeConfig(load({ SCALER_POT: '1' }))).toContain(
      '# warning: SCALER_POT is not a setting, did you mean SCALER_PORT?',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { describeConfig, describeHelp } from './describe.ts';
import { loadConfig } from './load-config.ts';
import { SETTING_KEYS, SETTINGS, variableOf } from './settings.ts';

function summary(env: Record<string, string>): string {
  const loaded = loadConfig({ env, readFile: () => '' });
  return loaded.kind === 'loaded' ? describeConfig(loaded) : loaded.message;
}

describe('--help', () => {
  it('names every setting once in its table, with its default', () => {
    const [, table = ''] = describeHelp('1.2.3').split('All settings:');
    const joined = table.replaceAll(/\s+/g, ' ');
    for (const key of SETTING_KEYS) {
      expect(table.match(new RegExp(`^ {2}${variableOf(key)} `, 'gm'))).toHaveLength(1);
      expect(joined).toContain(`${SETTINGS[key].must}. Default: ${SETTINGS[key].shownDefault}`);
    }
  });

  it('begins with what it is, and fits a terminal of 112 columns', () => {
    const help = describeHelp('1.2.3');
    expect(help).toMatch(/^forebay-gateway 1\.2\.3: an embedding gateway/);
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(112);
  });
});

describe('--check-config', () => {
  it('shows each value and where it comes from', () => {
    const text = summary({ PORT: '9000', MODEL_ALIASES: 'a=b,c=d' });
    expect(text).toMatch(/^ {2}PORT +9000 {2}\(PORT\)$/m);
    expect(text).toMatch(/^ {2}HOST +127\.0\.0\.1$/m);
    expect(text).toMatch(/^ {2}MODEL_ALIASES +a=b, c=d {2}\(MODEL_ALIASES\)$/m);
    expect(text).toMatch(/^ {2}MAX_QUEUED_BYTES +256MiB$/m);
    expect(text).toMatch(/^ {2}ALLOWED_BACKENDS +loopback and private ranges$/m);
  });

  it('masks keys, tokens and passwords in URLs', () => {
    const text = summary({
      FOREBAY_ADMIN_KEY: 'hush',
      BACKENDS_TOKEN: 'hush',
      BACKENDS_URL: 'http://u:hush@scaler/v1/backends',
      DJL_URLS: 'http://a/predictions/m,http://b/predictions/m',
    });
    expect(text).not.toContain('hush');
    expect(text).toContain('http://****@scaler/v1/backends');
    expect(text).toContain('http://a/predictions/m, http://b/predictions/m');
  });

  it('shows warnings', () => {
    expect(summary({ FOREBAY_ADMINKEY: 'x' })).toContain('warning: FOREBAY_ADMINKEY is not a setting');
  });
});

import { describe, expect, it } from 'vitest';
import { SETTING_KEYS, SETTINGS, variableOf } from './settings.ts';

describe('settings', () => {
  it('stand under the documented variables', () => {
    expect(SETTING_KEYS.map(variableOf)).toEqual([
      'HOST',
      'PORT',
      'DJL_URLS',
      'BACKENDS_URL',
      'BACKENDS_FILE',
      'BACKENDS_TOKEN',
      'LOCAL_BACKENDS',
      'MODELS',
      'MODEL_ALIASES',
      'LOAD_BALANCER_STRATEGY',
      'MAX_QUEUED_CHUNKS',
      'MAX_QUEUED_BYTES',
      'MAX_ANSWER_BYTES',
      'MAX_REQUEST_CHUNKS',
      'MAX_REQUEST_BYTES',
      'MAX_CONNECTIONS',
      'REQUEST_TIMEOUT_MS',
      'MAX_HELD_REQUESTS',
      'FOREBAY_API_KEYS_FILE',
      'FOREBAY_ADMIN_KEY',
      'FOREBAY_ALLOW_OPEN',
      'ALLOWED_HOSTS',
      'ALLOWED_BACKENDS',
      'TLS_CERT_FILE',
      'TLS_KEY_FILE',
      'TLS_CLIENT_CA_FILE',
      'BACKENDS_CA_FILE',
      'BACKENDS_CLIENT_CERT_FILE',
      'BACKENDS_CLIENT_KEY_FILE',
      'TOKENIZER_FILE',
      'VERIFY',
      'LOG_LEVEL',
      'SHUTDOWN_GRACE_MS',
    ]);
  });

  it.each(SETTING_KEYS.filter((key) => SETTINGS[key].fallback !== undefined))(
    'accept the default of %s',
    (key) => {
      const { schema, fallback } = SETTINGS[key];
      const native = fallback instanceof Map ? Object.fromEntries(fallback) : fallback;
      expect(schema.safeParse(native)).toEqual({ success: true, data: fallback });
    },
  );
});

import { expect, it } from 'vitest';
import { readScalerFile } from './scaler-file.ts';

it.each([
  { text: '', hasGroups: false, hasAdminKey: false, environment: {} },
  { text: 'groups: [{name: web}]', hasGroups: true, hasAdminKey: false, environment: {} },
  { text: 'forebayAdminKey: k', hasGroups: false, hasAdminKey: true, environment: {} },
  {
    text: 'port: 9000\nonStop: keep\ngatewayUrl: [http://a, http://b]\nlogLevel: debug',
    hasGroups: false,
    hasAdminKey: false,
    environment: { SCALER_PORT: '9000', SCALER_ON_STOP: 'keep', GATEWAY_URL: 'http://a,http://b' },
  },
])('reads "$text"', ({ text, ...expected }) => {
  expect(readScalerFile('s.yaml', text)).toEqual({ path: 's.yaml', ...expected });
});

import { expect, it } from 'vitest';
import { settingsMarkdown } from './settings-markdown.test-support.ts';

it('keeps docs/scaler-settings.md as the schema has it', async () => {
  await expect(settingsMarkdown()).toMatchFileSnapshot('../../../../docs/scaler-settings.md');
});

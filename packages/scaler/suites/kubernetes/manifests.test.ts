import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ManifestValidator } from '../../../../rigs/kubernetes/manifest-validator.ts';
import { rigFolder, rigFolderFault } from '../../../../rigs/rig-folder.ts';
import { kubectl, kubectlMissing, MANIFESTS } from './kubectl.ts';

const fault = kubectlMissing() ?? rigFolderFault('kubernetes');
const validator = new ManifestValidator(fault === undefined ? rigFolder('kubernetes') : '/nonexistent');
const installed = fault === undefined ? validator.install() : undefined;
const missing = fault ?? (installed?.kind === 'unavailable' ? installed.because : undefined);
if (missing !== undefined) console.warn(`skipped: ${missing}`);

describe.skipIf(missing !== undefined)('manifests', () => {
  const dir = mkdtempSync(join(tmpdir(), 'forebay-manifests-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it.each(['base', 'hpa', 'scaler'])('of %s have only fields that Kubernetes knows', async (name) => {
    const path = join(dir, `${name}.yaml`);
    writeFileSync(path, await kubectl('/nonexistent')('kustomize', join(MANIFESTS, name)));
    expect(validator.validate(path)).toBe('');
  });

  it('would be found wrong with a misspelt field', async () => {
    const text = await kubectl('/nonexistent')('kustomize', join(MANIFESTS, 'hpa'));
    const path = join(dir, 'wrong.yaml');
    writeFileSync(path, text.replace('averageUtilization', 'averageUtilisation'));
    expect(validator.validate(path)).toContain('averageUtilisation');
  });
});

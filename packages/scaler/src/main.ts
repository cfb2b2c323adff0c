#!/usr/bin/env node
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

const HELP = `forebay-scaler ${version}

This version has no scaler yet: it comes with a later release and will read a gateway's /metrics.
Until then scale model servers by hand (docker service scale, kubectl scale): a gateway with
dns+http:// in DJL_URLS or with BACKENDS_URL follows by itself.

  --help      this text
  --version   the version
`;

if (process.argv.includes('--version')) process.stdout.write(`${version}\n`);
else if (process.argv.includes('--help')) process.stdout.write(HELP);
else {
  process.stderr.write(HELP);
  process.exitCode = 2;
}

#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { runSimulate } from './simulate/command.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

const HELP = `forebay-scaler ${version}

This version has no scaler yet: it comes with a later release and will read a gateway's /metrics.
Until then scale model servers by hand (docker service scale, kubectl scale): a gateway with
dns+http:// in DJL_URLS or with BACKENDS_URL follows by itself.

  simulate    what would a scaling policy have made of a load? simulate --help says how
  --help      this text
  --version   the version
`;

if (process.argv[2] === 'simulate') {
  process.exitCode = await runSimulate(process.argv.slice(3), {
    readText: (path) => readFile(path, 'utf8'),
    writeText: (path, text) => writeFile(path, text),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    findPolicy: () => ({ problem: 'no such policy in this version' }),
  });
} else if (process.argv.includes('--version')) process.stdout.write(`${version}\n`);
else if (process.argv.includes('--help')) process.stdout.write(HELP);
else {
  process.stderr.write(HELP);
  process.exitCode = 2;
}

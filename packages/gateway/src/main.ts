#!/usr/bin/env node
process.stdout.write('gateway\n');

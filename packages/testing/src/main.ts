#!/usr/bin/env node
process.stdout.write('testing\n');

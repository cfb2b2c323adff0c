#!/usr/bin/env node
process.stdout.write('local-backend\n');

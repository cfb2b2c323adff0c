// Adds up the reports of the test runners in a folder, names what failed in them, and prints the line that closes
// the project's check.
// Usage: node scripts/count-results.mjs FOLDER; exits 1 when anything failed or nothing ran.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const folder = process.argv[2];
const sum = { passed: 0, failed: 0, skipped: 0 };

for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  sum.passed += report.numPassedTests;
  sum.skipped += report.numPendingTests + report.numTodoTests;
  // A file that could not be loaded has no tests of its own to fail; one whose beforeAll throws only has skipped ones.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  // Errors outside of all tests stand in no file's results.
  const failed = report.numFailedTests + broken.length;
  sum.failed += failed === 0 && !report.success ? 1 : failed;
  // At the end too: what a runner printed about it stands thousands of lines before.
  for (const file of report.testResults) {
    const path = relative(process.cwd(), file.name);
    if (broken.includes(file)) process.stdout.write(`failed: ${path}: ${file.message}\n`);
    for (const test of file.assertionResults.filter(({ status }) => status === 'failed')) {
      process.stdout.write(`failed: ${path}: ${test.fullName}: ${test.failureMessages[0]?.split('\n')[0]}\n`);
    }
  }
  if (failed === 0 && !report.success)
    process.stdout.write(`failed: ${name}: an error outside of all tests\n`);
}

const steps = join(folder, 'steps');
if (existsSync(steps)) {
  for (const line of readFileSync(steps, 'utf8').trim().split('\n')) {
    const [passed, failed, skipped] = line.split(' ').map(Number);
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
}

process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
process.exit(sum.failed > 0 || sum.passed === 0 ? 1 : 0);

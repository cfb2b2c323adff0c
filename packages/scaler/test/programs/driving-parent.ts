// A scaler for tests that can be killed: launches what ORDER says and waits for its end.
import { systemClock } from '../../src/clock.ts';
import { ProcessDriver } from '../../src/drivers/process-driver.ts';

const { OPTIONS = '', ORDER = '' } = process.env;
const driver = new ProcessDriver({ ...JSON.parse(OPTIONS), env: process.env, clock: systemClock });
process.stdout.write('ordering\n');
await driver.scale(JSON.parse(ORDER), AbortSignal.timeout(20_000));
process.stdout.write('ordered\n');
setInterval(() => undefined, 1_000);

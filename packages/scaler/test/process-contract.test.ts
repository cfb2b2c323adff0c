import { driverContract } from '../src/drivers/driver-contract.test-support.ts';
import { processRig } from './process-rig.ts';

driverContract('process', () => processRig({ START_MS: '250' }), { showsStarting: true, knowsUrls: true });

import { driverContract } from '../src/drivers/driver-contract.test-support.ts';
import { kubernetesRig } from './kubernetes-rig.ts';

driverContract('kubernetes', () => kubernetesRig(), { showsStarting: true, knowsUrls: true });
driverContract('kubernetes (StatefulSet)', () => kubernetesRig({}, 'StatefulSet'), {
  showsStarting: true,
  knowsUrls: true,
});

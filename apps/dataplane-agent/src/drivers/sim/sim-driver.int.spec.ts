import { describeDriver } from '../driver-contract.fixture.js';
import { SIM_CAPABILITIES } from './sim-capabilities.js';
import { SimDriver } from './sim-driver.js';

describeDriver(
  'sim',
  () => {
    const driver = new SimDriver();
    return Promise.resolve({ driver, end: () => driver.close() });
  },
  { capabilities: SIM_CAPABILITIES },
);

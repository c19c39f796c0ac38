import { DriverStage } from '../contract/driver-stage.fixture.js';
import { SimDriver, type SimOptions } from './sim-driver.js';

/** The stage of the contract, with a `sim` of these options. */
export function simStage(options?: SimOptions): Promise<DriverStage> {
  return DriverStage.open(() => {
    const driver = new SimDriver(options);
    return Promise.resolve({ driver, end: () => driver.close() });
  });
}

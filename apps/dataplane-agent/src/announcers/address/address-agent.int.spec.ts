import { describeAddress } from './describe-address.fixture.js';

await describeAddress('address-agent', []);

import { describeAddress } from './describe-address.fixture.js';

await describeAddress('address-contract', ['client']);

/** Acme Pay against the conformance kit. */
import { describeConnector } from '../kit.ts';
import { acmePay } from './index.ts';
import { acmePaySample } from './spec-sample.ts';

describeConnector(acmePay, acmePaySample);

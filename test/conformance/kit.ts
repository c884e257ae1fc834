/**
 * The conformance kit: a connector and a sample of its processor's answers become a suite. What is
 * offered is tried; what is not offered is named in a title. How to use it: docs/connectors.md.
 */
import { accountCases } from './account-cases.ts';
import { actsOf } from './acts.ts';
import { answerCases } from './answer-cases.ts';
import { errandCases } from './errand-cases.ts';
import { literalCases } from './literal-cases.ts';
import { operationCases } from './operation-cases.ts';
import type { Connector } from '#sdk';
import type { AnySample, Sample } from './sample.ts';
import { stageOf, type KitCase } from './stage.ts';
import { syncCases } from './sync-cases.ts';
import { webhookCases } from './webhook-cases.ts';

export type { KitCase } from './stage.ts';
export {
  unwritten,
  type Answer,
  type EndpointProcessor,
  type Errand,
  type Sample,
} from './sample.ts';

/** Every case of the connector as data; the titles are unique. Nothing has run yet. */
export function casesOf<Settings, Ref>(
  connector: Connector<Settings, Ref>,
  sample: Sample<Settings, Ref>,
): KitCase[] {
  const stage = stageOf(connector, sample as AnySample);
  const acts = actsOf(stage);
  return [
    ...literalCases(stage),
    ...acts.flatMap((act) => [...operationCases(stage, act), ...answerCases(stage, act)]),
    ...acts.flatMap((act) => syncCases(stage, act)),
    ...accountCases(stage, acts),
    ...webhookCases(stage),
    ...errandCases(stage),
  ];
}

/** The cases as a mocha suite. */
export function describeConnector<Settings, Ref>(
  connector: Connector<Settings, Ref>,
  sample: Sample<Settings, Ref>,
): void {
  describe(`${connector.id}: conformance`, () => {
    for (const { title, run } of casesOf(connector, sample)) it(title, run);
  });
}

/** What reads or works beside the money: check, inspect, endpoints, customers, reports. */
import { expect } from 'chai';
import { isDeepStrictEqual } from 'node:util';
import {
  disputeReasons,
  disputeStatuses,
  Fault,
  type Context,
  type HttpRequest,
  type Inspect,
  type Inspection,
  type Json,
} from '#sdk';
import { authorizations } from './acts.ts';
import { badAnswers, expectFault, type BadAnswer } from './answer-cases.ts';
import { pathsOf, withValue } from './bend.ts';
import { valueOf } from './operation-cases.ts';
import { checkMoney } from './outcomes.ts';
import type { Answer, EndpointProcessor, Errand } from './sample.ts';
import { attempt, type KitCase, type Stage } from './stage.ts';

const groups = ['customers', 'setups', 'disputes', 'reports'] as const;

/** `customers.create` …: every function beside the operations, by the name the sample uses. */
export function errandNames({ connector }: Stage): string[] {
  return groups.flatMap((group) =>
    Object.keys(connector[group] ?? {}).map((name) => `${group}.${name}`),
  );
}

export function errandCases(stage: Stage): KitCase[] {
  const { connector, sample } = stage;
  const errands = Object.entries(sample.errands ?? {});
  const cases = errands.flatMap(([name, errand]) => casesOfErrand(stage, name, errand));
  const { check } = connector;
  if (check && sample.check) {
    const { answer, facts } = sample.check;
    const errand: Errand<unknown> = {
      call: (context) => check(context),
      answer: (request) => answer(request),
      expects: (result) => expect(result).to.deep.equal(facts),
    };
    cases.push(...casesOfErrand(stage, 'check', errand));
  }
  return [...cases, ...inspectCases(stage), ...endpointCases(stage)];
}

function casesOfErrand(stage: Stage, name: string, errand: Errand<unknown>): KitCase[] {
  return [
    {
      title: `${name}: reads the processor’s answer`,
      run: async () => {
        const result = await attempt(stage, (request) => errand.answer(request), errand.call);
        errand.expects(valueOf(result));
      },
    },
    ...badAnswers.map((bad) => ({
      title: `${name}: ${bad.what} is a fault`,
      run: () => endsAsFault(stage, name, errand, bad),
    })),
    {
      title: `${name}: a field that is missing or of another type never breaks out`,
      run: () => survivesFields(stage, errand),
    },
  ];
}

/** Bad answers to the first request; what follows it depends on what it said. */
async function endsAsFault(
  stage: Stage,
  name: string,
  errand: Errand<unknown>,
  { what, answer, kind, effect }: BadAnswer,
): Promise<void> {
  let isTrue = false;
  const answering = (request: HttpRequest, at: number): Answer | Fault => {
    const told = errand.answer(request);
    if (at > 0) return told;
    const instead = answer(told.body);
    // Some ask for what cannot be: then 404 is the very answer hoped for.
    isTrue = !(instead instanceof Fault) && isDeepStrictEqual({ status: 200, ...told }, instead);
    return instead;
  };
  const { value, fault, requests } = await attempt(stage, answering, errand.call);
  if (isTrue) return errand.expects(value);
  if (!fault) throw new Error(`${what} was read as ${JSON.stringify(value)}`);
  expectFault(fault, { kind, effect }, false, `${name}, ${what}`);
  expect(requests, 'requests sent').to.have.length(1);
}

async function survivesFields(stage: Stage, errand: Errand<unknown>): Promise<void> {
  let body: Json = null;
  const seen = await attempt(
    stage,
    (request, at) => {
      const answer = errand.answer(request);
      if (at === 0) ({ body } = answer);
      return answer;
    },
    errand.call,
  );
  valueOf(seen);
  for (const path of pathsOf(body)) {
    for (const change of [undefined, null, 7, 'kit', true, [], {}]) {
      const bent = withValue(body, path, change);
      await attempt(
        stage,
        (request, at) => ({ ...errand.answer(request), ...(at === 0 && { body: bent }) }),
        errand.call,
      );
    }
  }
}

function inspectCases(stage: Stage): KitCase[] {
  const { connector, sample } = stage;
  const [first] = authorizations(stage);
  const { inspect } = connector.operations;
  const own = sample.inspect;
  if (!inspect || !own || !first) return [];
  const { operationId, amount } = first.command(1);
  const query: Inspect<unknown> = { operationId, amount, of: structuredClone(sample.ref) };
  const errand: Errand<unknown> = {
    call: (context: Context<unknown>) => inspect(context, query),
    answer: (request) => own.answer(query, request),
    expects: (result) => {
      const found = result as Inspection<unknown>;
      checkInspection(found);
      const { authorized, captured, refunds } = found;
      expect({
        authorized: authorized.amount,
        captured: captured.amount,
        refunds: refunds.length,
      }).to.deep.equal(own.expects(query));
    },
  };
  return casesOfErrand(stage, 'inspect', errand);
}

function checkInspection({
  authorized,
  captured,
  released,
  refunds,
  disputes,
}: Inspection<unknown>): void {
  checkMoney(authorized, 'authorized');
  checkMoney(captured, 'captured');
  expect(captured.amount, 'captured').to.be.at.most(authorized.amount);
  expect([false, 'captured', 'voided', 'expired'], 'released').to.include(released);
  for (const refund of refunds) {
    checkMoney(refund.amount, 'a refund');
    expect(['pending', 'succeeded', 'failed']).to.include(refund.status);
  }
  for (const dispute of disputes) {
    checkMoney(dispute.amount, 'a dispute');
    checkMoney(dispute.withdrawn, 'what is withdrawn');
    expect(disputeStatuses).to.include(dispute.status);
    expect(disputeReasons).to.include(dispute.reason);
  }
}

function endpointCases(stage: Stage): KitCase[] {
  const { connector, sample } = stage;
  const { endpoint } = connector;
  const own = sample.endpoint;
  if (!endpoint || !own) return [];
  const accountId = 'acct_kit';
  const register = async (processor: EndpointProcessor) =>
    valueOf(
      await attempt(
        stage,
        (request) => processor.answer(request),
        (context) => endpoint.register(context, { accountId }),
      ),
    );
  const remove = async (processor: EndpointProcessor, reference: string) => {
    const { fault } = await attempt(
      stage,
      (request) => processor.answer(request),
      (context) => endpoint.remove(context, { reference }),
    );
    if (fault) throw fault;
  };
  return [
    {
      title: 'endpoint: registering twice leaves one, with a secret that is told',
      run: async () => {
        const processor = own.start();
        const first = await register(processor);
        const second = await register(processor);
        for (const { reference, secret } of [first, second]) {
          expect(reference).to.be.a('string').that.is.not.empty;
          expect(secret.reveal()).to.be.a('string').that.is.not.empty;
        }
        expect(processor.urls()).to.deep.equal(['https://switch.test/webhooks/acct_kit']);
      },
    },
    {
      title: 'endpoint: removing it twice is a success twice',
      run: async () => {
        const processor = own.start();
        const { reference } = await register(processor);
        await remove(processor, reference);
        expect(processor.urls()).to.deep.equal([]);
        await remove(processor, reference);
      },
    },
    {
      title: 'endpoint: wrong credentials are unauthorized',
      run: async () => {
        const { fault } = await attempt(
          stage,
          () => ({ status: 401, body: {} }),
          (context) => endpoint.register(context, { accountId }),
        );
        expect(fault?.kind).to.equal('unauthorized');
      },
    },
  ];
}

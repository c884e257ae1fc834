/** What every outcome has to be, whatever the processor answered. */
import { expect } from 'chai';
import {
  advices,
  declineCodes,
  methodTypes,
  Secret,
  type Money,
  type NextAction,
  type Outcome,
  type Refusal,
} from '#sdk';
import { compiled } from './settings.ts';
import { expectNoSecret, type Stage } from './stage.ts';

const fieldsOfOutcome: Readonly<Record<string, readonly string[]>> = {
  succeeded: ['status', 'operationId', 'amount', 'ref', 'verification', 'instrument', 'saved'],
  pending: ['status', 'ref', 'waitingFor', 'nextAction', 'lastDecline'],
  declined: ['status', 'ref', 'code', 'advice', 'processorCode', 'message'],
};

/** Holds an outcome against the contract; returns it, so that a case can look closer. */
export function checkedOutcome(stage: Stage, outcome: unknown): Outcome<unknown> {
  expect(outcome, 'the outcome is an object').to.be.an('object');
  const checked = outcome as Outcome<unknown>;
  const allowed = fieldsOfOutcome[checked.status];
  expect(allowed, `"${checked.status}" is no status of an outcome`).to.not.equal(undefined);
  expect(allowed, 'fields of an outcome').to.include.members(Object.keys(checked));
  if (checked.status !== 'declined' || checked.ref !== undefined) checkRef(stage, checked.ref);
  if (checked.status === 'succeeded') {
    expect(checked.operationId, 'the echoed operation id').to.be.a('string');
    checkMoney(checked.amount, 'the amount of a success');
    if (checked.instrument) expect(methodTypes).to.include(checked.instrument.type);
    if (checked.saved) expect(checked.saved.token).to.be.instanceOf(Secret);
  } else if (checked.status === 'pending') {
    expect(['customer', 'processor', 'review'], 'waitingFor').to.include(checked.waitingFor);
    if (checked.nextAction) checkNextAction(checked.nextAction);
    if (checked.lastDecline) checkRefusal(checked.lastDecline);
  } else {
    checkRefusal(checked);
  }
  // Secrets in a Secret print as a mask: what is found here would be stored and shown.
  expectNoSecret(stage.secrets, JSON.stringify(checked), 'an outcome, outside a Secret');
  return checked;
}

export function checkMoney(money: Money, what: string): void {
  expect(money, what).to.have.all.keys('amount', 'currency');
  expect(Number.isSafeInteger(money.amount) && money.amount >= 0, `${what} is whole`).to.equal(
    true,
  );
  // What no country knows is passed on too: it differs from what was asked, and is held.
  expect(money.currency, `${what} has a currency`).to.be.a('string').that.is.not.empty;
}

function checkRef(stage: Stage, ref: unknown): void {
  const valid = compiled(stage.connector.ref);
  expect(
    valid(ref),
    `the ref fits the connector's schema: ${JSON.stringify(valid.errors)}`,
  ).to.equal(true);
  // It is stored as JSON and handed back: undefined members, dates and Secrets would not survive.
  expect(JSON.parse(JSON.stringify(ref)), 'the ref survives being stored').to.deep.equal(ref);
}

function checkRefusal({ code, advice, processorCode, message }: Refusal): void {
  expect(declineCodes, 'a decline’s code').to.include(code);
  expect(advices, 'a decline’s advice').to.include(advice);
  expect(processorCode, 'the processor’s own code').to.be.a('string').that.is.not.empty;
  if (message !== undefined) expect(message, 'a decline’s message').to.be.a('string');
}

const isWeb = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

function checkNextAction(action: NextAction): void {
  switch (action.type) {
    case 'redirect':
      expect(isWeb(action.url), 'a redirect goes to a web address').to.equal(true);
      return;
    case 'show_qr':
      expect(action.data, 'what the code says').to.be.a('string').that.is.not.empty;
      return;
    case 'open_app':
      expect(URL.canParse(action.url), 'an app’s link is a URL').to.equal(true);
      return;
    case 'transfer_to':
      expect(action.number, 'the account number').to.match(/^\d{4,30}$/);
      return;
    case 'pay_bill':
      expect(action.bill_key, 'the bill’s key').to.be.a('string').that.is.not.empty;
      return;
    case 'confirm_in_browser':
      expect(action.client_secret, 'the client secret').to.be.instanceOf(Secret);
      return;
    default:
      throw new Error(`an unknown next action: ${JSON.stringify(action satisfies never)}`);
  }
}

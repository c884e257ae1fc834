/** Methods, amounts, and one account beside another: what holds over several calls. */
import { expect } from 'chai';
import { methodTypes, type HttpRequest, type PaymentDetails } from '#sdk';
import {
  authorizations,
  bestScript,
  methodInput,
  scriptOf,
  type Act,
  type AnyCommand,
} from './acts.ts';
import { amountsTried, currenciesTried } from './amounts.ts';
import { expectSpelled, expectSuccess, valueOf } from './operation-cases.ts';
import { perform, rehearse } from './perform.ts';
import { secretsIn } from './settings.ts';
import { attempt, expectNoSecret, startMs, type KitCase, type Stage } from './stage.ts';

const dayMs = 24 * 60 * 60 * 1000;

export function accountCases(stage: Stage, acts: readonly Act[]): KitCase[] {
  return [
    ...methodCases(stage),
    ...authorizations(stage).map((act) => detailCase(stage, act)),
    ...acts.flatMap((act) => [...amountCases(stage, act), ...isolationCases(stage, act)]),
  ];
}

function methodCases(stage: Stage): KitCase[] {
  const { connector } = stage;
  const [first] = authorizations(stage);
  if (!first) return [];
  return methodTypes
    .filter((type) => connector.methods[type] === undefined)
    .map((type) => ({
      title: `authorize by ${type}: not declared, so refused before anything is sent`,
      run: async () => {
        const command = first.command(1, { method: methodInput(stage.sample, type) });
        const { value, fault, requests } = await attempt(
          stage,
          () => ({ status: 500, body: '' }),
          (context) => first.call(context, command),
        );
        expect(value, 'an outcome').to.equal(undefined);
        expect(fault?.effect, 'nothing happened').to.equal('none');
        expect(requests, 'requests sent').to.have.length(0);
      },
    }));
}

/** Everything a merchant may tell about a payment, in letters of many kinds. */
const person = {
  id: 'cus_kit',
  name: 'Žofie Müller-Ōkubo 陳',
  email: 'zofie@example.com',
  phone: '812-555-0100',
  phone_country_code: '+62',
  address: {
    line1: 'Jl. Sudirman 1, “Menara”',
    line2: '5 & 6',
    city: 'São Paulo',
    state: 'DKI',
    postal_code: '10220',
    country: 'ID',
  },
};

const details: PaymentDetails = {
  description: 'Två ❤ böcker & 1 = "3"',
  reference: 'order 17/ä',
  customer: person,
  billing: person,
  shipping: person,
  browser_info: { ip_address: '203.0.113.7', user_agent: 'Kit/1.0', language: 'id-ID' },
  metadata: { colour: 'grün', count: 2, gift: true, note: null },
};

function detailCase(stage: Stage, act: Act): KitCase {
  return {
    title: `${act.title}: a payment with everything said about it goes as one without`,
    run: async () => {
      const name = bestScript(act);
      const [bare, full] = [act.command(1), act.command(1, { details })];
      const expected = valueOf(await perform(stage, act, name, bare));
      expect(valueOf(await perform(stage, act, name, full))).to.deep.equal(expected);
    },
  };
}

/** Amounts are money in the smallest unit: one slip with decimals is a factor of a hundred. */
function amountCases(stage: Stage, act: Act): KitCase[] {
  if (act.kind !== 'authorize' && act.kind !== 'capture' && act.kind !== 'refund') return [];
  return currenciesTried(act.facts).map((currency) => {
    const amounts = amountsTried(act.facts, currency);
    const list = amounts.map(({ amount }) => amount).join(', ');
    return {
      title: `${act.title}: ${list} minor units of ${currency} are sent and read as such`,
      run: async () => {
        for (const amount of amounts) {
          const command = act.command(1, { amount });
          if (act.sample.sendsAmount !== false) await expectSpelled(stage, act, command);
          if (!scriptOf(act, 'succeeds')) continue;
          expectSuccess(await perform(stage, act, 'succeeds', command), command);
        }
      },
    };
  });
}

function isolationCases(stage: Stage, act: Act): KitCase[] {
  const { repeatsDiffer } = stage.sample;
  const repeated: KitCase = {
    title: `${act.title}: a repeat, also a day later, is the same request to the letter`,
    run: () => repeatsItself(stage, act),
  };
  return [
    ...(repeatsDiffer === undefined ? [repeated] : []),
    {
      title: `${act.title}: calls of two accounts at once do not mix`,
      run: () => keepsApart(stage, act),
    },
  ];
}

/** A processor compares a repeat with the first: another body under the same key is an error. */
async function repeatsItself(stage: Stage, act: Act): Promise<void> {
  const name = bestScript(act);
  const [command, other] = [act.command(1), act.command(2)];
  const first = await rehearse(stage, act, name, command);
  await rehearse(stage, act, name, other);
  const later = await perform(stage, act, name, command, {}, { nowMs: startMs + dayMs });
  expect(plain(later.requests), 'the repeat').to.deep.equal(plain(first));
}

const plain = (requests: readonly HttpRequest[]) =>
  requests.map(({ body, ...rest }) => ({
    ...rest,
    body: body === undefined ? undefined : Buffer.from(body).toString('latin1'),
  }));

async function keepsApart(stage: Stage, act: Act): Promise<void> {
  const name = bestScript(act);
  const commands = [1, 2, 3, 4].map((number) => act.command(number));
  const both = [stage.settings, stage.otherSettings];
  const calls = commands.map((command, at) => {
    // Later calls answer sooner, so that the answers arrive in another order than the questions.
    const conditions = { settings: both[at % 2], delayTurns: 4 * (commands.length - at) };
    return perform(stage, act, name, command, {}, conditions);
  });
  const results = await Promise.all(calls);
  for (const [at, result] of results.entries()) {
    const command = commands[at] as AnyCommand;
    if (name === 'succeeds') expectSuccess(result, command);
    else valueOf(result);
    const foreign = secretsIn(stage.connector.settings, both[(at + 1) % 2]);
    const own = secretsIn(stage.connector.settings, both[at % 2]);
    const others = foreign.filter((secret) => !own.includes(secret));
    expectNoSecret(others, JSON.stringify(plain(result.requests)), 'another account’s request');
    const ids = commands.filter((one) => one !== command).map((one) => one.operationId);
    for (const id of ids) {
      expect(JSON.stringify(plain(result.requests)), 'another call’s id').not.to.include(id);
    }
  }
}

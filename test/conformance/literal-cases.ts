/** The literal itself: its facts, its schemas, and whether the sample speaks of all it offers. */
import { expect } from 'chai';
import { exponentOf, methodTypes } from '#sdk';
import { followUps, methodsOf, missingSamples } from './acts.ts';
import { errandNames } from './errand-cases.ts';
import { compiled, secretNames, secretsIn } from './settings.ts';
import type { KitCase, Stage } from './stage.ts';

const parts = ['webhook', 'endpoint', 'check'] as const;

export function literalCases(stage: Stage): KitCase[] {
  const { connector, sample, settings, otherSettings } = stage;
  const say = (title: string, run: () => void): KitCase => ({
    title: `the literal: ${title}`,
    run: async () => run(),
  });
  return [
    say('is frozen, and its id is kebab-case', () => {
      expect(Object.isFrozen(connector), 'defineConnector freezes it').to.equal(true);
      expect(connector.id).to.match(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(connector.name).to.be.a('string').that.is.not.empty;
    }),
    say(`offers ${offeredIn(stage)}`, () => {
      expect(missingSamples(stage), 'the sample has no answers for').to.deep.equal([]);
      const { operations } = connector;
      for (const part of parts) expectBoth(part, connector[part], sample[part]);
      expectBoth('inspect', operations.inspect, sample.inspect);
      for (const kind of followUps) expectBoth(kind, operations[kind], sample[kind]);
      for (const type of methodTypes) {
        expectBoth(`authorize.${type}`, connector.methods[type], sample.authorize[type]);
      }
      expect(Object.keys(sample.errands ?? {}), 'the sample’s errands').to.have.members(
        errandNames(stage),
      );
      expect(typeof operations.sync, 'sync is mandatory').to.equal('function');
    }),
    say('has settings that compile strictly and take the sample', () => {
      const valid = compiled(connector.settings);
      for (const given of [settings, otherSettings]) {
        expect(valid(given), JSON.stringify(valid.errors)).to.equal(true);
      }
      expect(valid({ ...(settings as object), kit_unknown: 1 }), 'an unknown field').to.equal(
        false,
      );
      expect(valid({}), 'no settings at all').to.equal(false);
      expect(connector.settingsFault?.(settings, sample.mode ?? 'sandbox')).to.equal(undefined);
    }),
    say('marks its credentials with secretText, and wants them', () => {
      const names = secretNames(connector.settings);
      expect(names, 'settings marked with secretText').to.not.deep.equal([]);
      const values = secretsIn(connector.settings, settings);
      for (const value of values) expect(value, 'recognisable').to.have.length.at.least(8);
      const description = JSON.stringify(connector.settings);
      for (const value of values) expect(description).not.to.include(value);
    }),
    say('has a ref schema that compiles strictly and refuses what is no ref', () => {
      const valid = compiled(connector.ref);
      expect(valid(sample.ref), JSON.stringify(valid.errors)).to.equal(true);
      for (const wrong of [null, [], 1, { kit_unknown: 1 }]) expect(valid(wrong)).to.equal(false);
    }),
    say('names the processor’s own hosts', () => {
      expect(sample.hosts, 'the sample’s hosts').to.not.deep.equal([]);
      for (const host of sample.hosts) {
        const unwritten = new URL(host).hostname.endsWith('.invalid');
        if (unwritten) throw new Error(`not written yet: the hosts, in calls.ts and the sample`);
        expect(new URL(host).origin, 'an origin: scheme, host, port').to.equal(host);
      }
    }),
    say('states facts about its methods that can be kept', () => factsHold(stage)),
  ];
}

function expectBoth(what: string, offered: unknown, sampled: unknown): void {
  const also = offered ? `the sample has no "${what}"` : `"${what}" is sampled but not offered`;
  expect(sampled !== undefined, also).to.equal(offered !== undefined);
}

/** Said in the title, so that what is not run is seen. */
function offeredIn({ connector }: Stage): string {
  const names = [
    ...followUps.map((kind) => [kind, connector.operations[kind]] as const),
    ['inspect', connector.operations.inspect] as const,
    ...parts.map((part) => [part, connector[part]] as const),
    ...(['customers', 'setups', 'disputes', 'reports'] as const).map(
      (part) => [part, connector[part]] as const,
    ),
  ];
  const there = names.filter(([, offered]) => offered !== undefined).map(([name]) => name);
  const absent = names.filter(([, offered]) => offered === undefined).map(([name]) => name);
  const rest = absent.length === 0 ? '' : `; not ${absent.join(', ')}`;
  return `${['authorize', 'sync', ...there].join(', ')}${rest}`;
}

function factsHold(stage: Stage): void {
  const { connector, settings } = stage;
  const methods = methodsOf(stage);
  expect(methods, 'at least one method').to.not.deep.equal([]);
  expect(Number.isSafeInteger(connector.replayWindowMs)).to.equal(true);
  expect(connector.replayWindowMs).to.be.at.least(0);
  for (const [type, facts] of methods) {
    const { currencies, capture, requires, amounts, refund } = facts;
    if (currencies !== 'all') for (const code of currencies) exponentOf(code);
    expect(capture, `${type}: capture`).to.not.deep.equal([]);
    if (capture.includes('manual')) expect(connector.operations.capture).to.be.a('function');
    if (refund !== 'none') expect(connector.operations.refund).to.be.a('function');
    if (facts.multipleCapture) expect(facts.partialCapture, `${type}: partial`).to.equal(true);
    if (type === 'bank_transfer') expect(facts.banks ?? []).to.not.deep.equal([]);
    if (requires !== undefined) {
      expect(settings, `${type} requires it`).to.have.property(requires, true);
    }
    for (const [code, { minimum = 1, maximum = Infinity }] of Object.entries(amounts ?? {})) {
      exponentOf(code);
      expect(minimum, `${type}: bounds in ${code}`).to.be.at.most(maximum);
    }
  }
}

/** The kit, tried: each of these connectors has one bug, and the case named for it sees it. */
import { expect } from 'chai';
import { acmePay } from '../acme-pay/index.ts';
import { acmePaySample } from '../acme-pay/spec-sample.ts';
import { casesOf, unwritten, type KitCase } from '../kit.ts';
import { misreaders } from './answers.ts';
import { base64Bugs, base64Right } from './base64.ts';
import { doorkeepers } from './borders.ts';
import { desk, deskBugs, deskSample } from './desk.ts';
import { senders } from './requests.ts';
import type { AcmePay } from './variant.ts';

/** What the case complains of; a complaint about the sample would be about the wrong thing. */
const complaintOf = async ({ run }: KitCase): Promise<string | undefined> => {
  try {
    await run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

/** What is wrong with a connector, all cases run. */
async function complaintsAbout(cases: readonly KitCase[]): Promise<string[]> {
  const complaints: string[] = [];
  for (const one of cases) {
    const complaint = await complaintOf(one);
    if (complaint !== undefined) complaints.push(`${one.title}: ${complaint}`);
  }
  return complaints;
}

describe('the conformance kit', () => {
  const plain = casesOf(acmePay, acmePaySample);
  const whole = casesOf(desk, deskSample);

  it('has at least 60 cases for a connector, each with a title of its own', () => {
    expect(plain).to.have.length.at.least(60);
    expect(new Set(whole.map(({ title }) => title)).size).to.equal(whole.length);
  });

  it('finds nothing wrong with the connectors that the broken ones are made of', async () => {
    expect(await complaintsAbout(plain)).to.deep.equal([]);
    const more = whole.filter(({ title }) => !plain.some((one) => one.title === title));
    expect(more).to.have.length.at.least(60);
    expect(await complaintsAbout(more)).to.deep.equal([]);
    for (const [connector, sample] of base64Right) {
      const news = casesOf(connector, sample).filter(({ title }) => title.startsWith('webhook:'));
      expect(await complaintsAbout(news)).to.deep.equal([]);
    }
  });

  it('says in a title what is not offered', () => {
    const titles = plain.map(({ title }) => title);
    expect(titles).to.include(
      'the literal: offers authorize, sync, capture, void, refund, webhook; ' +
        'not approve, reject, inspect, endpoint, check, customers, setups, disputes, reports',
    );
    expect(titles).to.include('capture: has its canned answers (never pends)');
  });

  it('fails a case whose answer is not written, with the hint', async () => {
    const { card } = acmePaySample.authorize;
    if (!card) throw new Error('Acme Pay takes cards');
    const blank = { ...card, succeeds: unwritten('a success') };
    const cases = casesOf(acmePay, { ...acmePaySample, authorize: { card: blank } });
    const [success] = cases.filter(({ title }) => title.startsWith('authorize by card: a success'));
    expect(success && (await complaintOf(success))).to.equal('not written yet: a success');
  });

  it('asks for a sample of everything that is offered, and for nothing else', async () => {
    const complaintsOf = (connector: AcmePay, sample: typeof acmePaySample) =>
      complaintsAbout(casesOf(connector, sample).filter(({ title }) => title.includes('offers')));
    expect(await complaintsOf(desk, acmePaySample)).to.have.length(1);
    expect(await complaintsOf(acmePay, deskSample)).to.have.length(1);
    expect(await complaintsOf(acmePay, { ...acmePaySample, refund: undefined })).to.have.length(1);
    expect(await complaintsOf(acmePay, { ...acmePaySample, authorize: {} })).to.have.length(1);
  });

  const bugs = [...misreaders, ...senders, ...doorkeepers].map(
    (bug) => [bug, acmePaySample] as const,
  );
  const moreBugs = deskBugs.map((bug) => [bug, deskSample] as const);
  for (const [{ bug, connector, noticedBy }, sample] of [...bugs, ...moreBugs, ...base64Bugs]) {
    it(`notices: ${bug}`, async () => {
      const named = casesOf(connector, sample).filter(({ title }) => title === noticedBy);
      expect(named, `cases called "${noticedBy}"`).to.have.length(1);
      for (const one of named) {
        expect(await complaintOf(one), noticedBy)
          .to.be.a('string')
          .that.does.not.match(/\bsample\b/);
      }
    });
  }
});

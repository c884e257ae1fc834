/** The box's rules file: a bad one stops a start, and later changes nothing. */
import { expect } from 'chai';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../config/load.ts';
import type { RulesRecord } from '../routing/source.ts';
import { startTestSwitch, type TestSwitch } from '../../test/support/app.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../../test/support/databases.ts';

const rules = (strategy: string, accounts = 'all') =>
  `version: 1\nrules: []\ndefault: { strategy: ${strategy}, accounts: ${accounts} }\n`;

describeOnEachDatabase('the rules file of the box', (database) => {
  let place: DatabasePlace;
  let app: TestSwitch | undefined;

  beforeEach(async () => {
    place = await database.open();
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });

  const write = (text: string) => writeFileSync(join(place.dataDir, 'routing.yaml'), text);

  async function started(text: string): Promise<TestSwitch> {
    write(text);
    app = await startTestSwitch(place, { jobs: false });
    return app;
  }

  const routing = async () => (await app?.call('/v1/routing'))?.body ?? {};

  /** The file is seen to have changed, and a second later to have stayed so. */
  async function looks({ running }: TestSwitch): Promise<void> {
    await running.routingFile.look();
    await running.routingFile.look();
  }

  const metric = async (name: string) => {
    const { text = '' } = (await app?.call('/metrics', { key: app.credentials.admin_key })) ?? {};
    return text.split('\n').filter((line) => line.startsWith(name));
  };

  it('stops a start when it is wrong, with the place, and leaves no trace', async () => {
    const error: unknown = await started('version: 1\nrules: {}\n').catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(ConfigError);
    expect((error as ConfigError).message).to.match(
      /routing\.yaml:2:8: rules: found a mapping, allowed: a list of rules/,
    );
    expect(readdirSync(place.dataDir)).to.deep.equal(['routing.yaml']);
  });

  it('stops a start when it is named and not there', async () => {
    const yaml = 'routing: { rules_file: rules.yaml }\n';
    const error: unknown = await startTestSwitch(place, { yaml }).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as ConfigError).message).to.match(/rules\.yaml: this does not exist, allowed/);
  });

  it('decides where a merchant has no rules of its own, and is stored', async () => {
    const { running, call, complaints } = await started(rules('failover'));
    const { source, version, text } = await routing();
    expect({ source, text }).to.deep.equal({ source: 'file', text: rules('failover') });
    const stored = await running.db.find<RulesRecord>('routing_rules', { merchant_id: '' });
    expect(stored.map(({ hash }) => hash)).to.deep.equal([version]);
    expect(await metric('pointsman_routing_rules_info')).to.deep.equal([
      `pointsman_routing_rules_info{version="${version}"} 1`,
    ]);
    await call('/v1/routing', { method: 'PUT', body: { rules: rules('random') } });
    expect((await routing())['source']).to.equal('merchant');
    await call('/v1/routing', { method: 'DELETE' });
    expect((await routing())['source']).to.equal('file');
    expect(complaints).to.deep.equal([]);
  });

  it('is read again when it has changed and has settled', async () => {
    const running = await started(rules('failover'));
    const before = (await routing())['version'];
    write(rules('round_robin'));
    await running.running.routingFile.look();
    expect((await routing())['version'], 'it may still be written').to.equal(before);
    await running.running.routingFile.look();
    const after = (await routing())['version'];
    expect(after).not.to.equal(before);
    expect(await metric('pointsman_routing_reloads_total')).to.deep.equal([
      'pointsman_routing_reloads_total{result="done"} 1',
    ]);
    expect(await metric('pointsman_routing_rules_info')).to.deep.equal([
      `pointsman_routing_rules_info{version="${after}"} 1`,
    ]);
    const told = running.lines.filter((line) => line.includes('routing rules in use'));
    expect(told).to.have.length(2);
    await looks(running);
    expect(await metric('pointsman_routing_reloads_total')).to.have.length(1);
  });

  it('changes nothing when it is wrong or gone, and says so once', async () => {
    const running = await started(rules('failover'));
    const before = (await routing())['version'];
    write('version: 1\nrules: [{}]\n');
    await looks(running);
    await looks(running);
    expect((await routing())['version']).to.equal(before);
    expect(running.complaints).to.have.length(1);
    expect(running.complaints[0]).to.match(/those of before stay.*routing\.yaml:2:9: rules\[0\]/);
    rmSync(join(place.dataDir, 'routing.yaml'));
    await looks(running);
    expect((await routing())['version']).to.equal(before);
    expect(running.complaints[1]).to.contain('this does not exist');
    expect(await metric('pointsman_routing_reloads_total')).to.deep.equal([
      'pointsman_routing_reloads_total{result="refused"} 2',
    ]);
    write(rules('random'));
    await looks(running);
    expect((await routing())['version']).not.to.equal(before);
  });

  it('is read at once when it is asked to be', async () => {
    const { running } = await started(rules('failover'));
    const before = (await routing())['version'];
    write(rules('random'));
    await running.routingFile.reload();
    expect((await routing())['version']).not.to.equal(before);
  });

  it('may name accounts that nobody has: that is a remark, not an error', async () => {
    const { complaints } = await started(rules('failover', '[nobody]'));
    expect(complaints).to.have.length(1);
    expect(complaints[0]).to.contain('with remarks').and.contain('no account is meant by');
    expect((await routing())['remarks'][0].level).to.equal('error');
  });
});

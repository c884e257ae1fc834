/** Loading: precedence, substitution, the default file, and files that cannot be read. */
import { expect } from 'chai';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Secret } from '../core/base/secret.ts';
import { skipped } from '../test/support/skipped.ts';
import { ConfigError, loadConfig, type Config, type ConfigSources } from './load.ts';

const hexKey = 'ab'.repeat(32);

describe('loadConfig', () => {
  let cwd: string;

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'pointsman-config-'));
  });

  afterEach(() => {
    rmSync(cwd, { recursive: true, force: true });
  });

  function load(yaml?: string | Buffer, env: ConfigSources['env'] = {}, file?: string): Config {
    if (yaml !== undefined) writeFileSync(join(cwd, file ?? 'pointsman.yaml'), yaml);
    return loadConfig({ env, cwd, ...(file !== undefined && { file }) });
  }

  function errorOf(run: () => unknown): string {
    try {
      run();
    } catch (error) {
      if (error instanceof ConfigError) return error.message.replace(/^.*\n {2}/, '');
      throw error;
    }
    return expect.fail('it was accepted');
  }

  it('needs neither a file nor a variable', () => {
    expect(load()).to.deep.equal({
      mode: 'sandbox',
      data_dir: './data',
      server: {
        host: '127.0.0.1',
        port: 8080,
        trusted_proxies: [],
        request_timeout_ms: 30_000,
        body_limit_bytes: 65_536,
      },
      database: { pool_size: 10 },
      secrets: {},
      mail: { from: 'no-reply@localhost' },
      simulator: { enabled: true, port: 8081 },
      processors: { timeout_ms: 30_000, concurrency: 64, absence_grace_ms: 600_000 },
      connectors: [],
      plugins: [],
      plugin_settings: {},
      webhooks: { allow_loopback: true, allow_hosts: [], ports: [80, 443, 8080, 8443] },
      routing: {},
      rate_limits: {
        payments: { per_second: 10_000 },
        queries: { per_second: 10_000 },
        management: { per_second: 1_000 },
        public: { per_second: 200 },
        webhooks: { per_second: 1_000 },
      },
      log: { level: 'info' },
    });
  });

  it('reads the shipped pointsman.yaml as exactly the defaults', () => {
    expect(loadConfig({ env: {}, cwd: import.meta.dirname })).to.deep.equal(load());
  });

  for (const yaml of ['', '\n\n', '# nothing but a comment\n', '---\n', '{}', '\ufeff# a mark\n']) {
    it(`takes ${JSON.stringify(yaml)} as all defaults`, () => {
      const defaults = loadConfig({ env: {}, cwd: join(cwd, 'nowhere') });
      expect(load(yaml)).to.deep.equal(defaults);
    });
  }

  it('takes a section with every line commented out as its defaults', () => {
    const { server, secrets } = load('server:\n  # port: 1\nsecrets:\n');
    expect(server.port).to.equal(8080);
    expect(secrets).to.deep.equal({});
  });

  it('freezes everything, down to the lists', () => {
    const config = load('server: { trusted_proxies: [loopback, "::1", 10.0.0.0/8] }');
    const nodes: object[] = [config, config.server, config.server.trusted_proxies];
    for (const node of nodes) expect(node).to.be.frozen;
    expect(config.server.trusted_proxies).to.deep.equal(['loopback', '::1', '10.0.0.0/8']);
  });

  it('puts the environment before the file and the file before the defaults', () => {
    const yaml = 'mode: sandbox\nserver: { host: 0.0.0.0, port: 1000 }\nlog: { level: warn }\n';
    const config = load(yaml, {
      POINTSMAN_PORT: '2000',
      PORT: '3000',
      POINTSMAN_LOG_LEVEL: 'debug',
    });
    expect(config.server).to.include({ host: '0.0.0.0', port: 2000, body_limit_bytes: 65_536 });
    expect(config.log.level).to.equal('debug');
    expect(load(yaml, { PORT: '3000' }).server.port).to.equal(3000);
    expect(load(yaml, { PORT: '3000', POINTSMAN_PORT: '' }).server.port).to.equal(3000);
  });

  it('knows every variable', () => {
    const config = load(undefined, {
      POINTSMAN_MODE: 'live',
      POINTSMAN_DATA: '/srv/state',
      POINTSMAN_HOST: '::',
      POINTSMAN_BASE_URL: 'https://pay.example.com/switch',
      POINTSMAN_MASTER_KEY: hexKey,
      POINTSMAN_SIMULATOR_PORT: '9999',
      DATABASE_URL: 'postgresql://user:pw@db/pointsman',
    });
    expect(config).to.include({ mode: 'live', data_dir: '/srv/state' });
    expect(config.server).to.include({ host: '::', base_url: 'https://pay.example.com/switch' });
    expect(config.simulator).to.deep.equal({ enabled: false, port: 9999 });
    expect(config.secrets.master_key?.reveal()).to.equal(hexKey);
    expect(config.database.url?.reveal()).to.equal('postgresql://user:pw@db/pointsman');
  });

  it('gives the simulator the port above the API, or any when there is none above', () => {
    expect(load('server: { port: 7000 }').simulator.port).to.equal(7001);
    expect(load('server: { port: 7000 }', { PORT: '7500' }).simulator.port).to.equal(7501);
    expect(load('server: { port: 0 }').simulator.port).to.equal(0);
    expect(load('server: { port: 65535 }').simulator.port).to.equal(0);
    expect(load('simulator: { port: 9000 }').simulator.port).to.equal(9000);
  });

  it('leaves the simulator out in live mode', () => {
    expect(load('mode: live').simulator.enabled).to.equal(false);
    expect(load('simulator: { enabled: false }').simulator.enabled).to.equal(false);
  });

  it('sends webhooks to this machine in the sandbox, unless told, and never in live mode', () => {
    expect(load('mode: live').webhooks.allow_loopback).to.equal(false);
    expect(load('webhooks: { allow_loopback: false }').webhooks.allow_loopback).to.equal(false);
  });

  it('takes hosts that webhooks may be sent to, as URLs spell them', () => {
    const hosts = ['receiver', 'receiver:3000', '*.shop.corp:80', '10.0.0.5:1', '[fd00::5]:3000'];
    const yaml = (host: string) => `webhooks: { allow_hosts: ["${host}"] }`;
    for (const host of hosts) expect(load(yaml(host)).webhooks.allow_hosts).to.deep.equal([host]);
    const odd = ['Receiver', '10.5', '0x7f.0.0.1', '[FD00::5]', 'fd00::5', 'a.', '*', '*.10.0.0.5'];
    const odder = ['a:0', 'a:65536', 'a:', 'a b', 'u@a', 'a/', '*.*.a', '*.[fd00::5]', 'a..b'];
    for (const host of [...odd, ...odder]) expect(() => load(yaml(host)), host).to.throw();
  });

  it('finds the routing rules beside the configuration, or where it says', () => {
    const beside = join(cwd, 'routing.yaml');
    writeFileSync(beside, '');
    expect(load('mode: sandbox').routing.rules_file).to.equal(beside);
    rmSync(beside);
    expect(load('mode: sandbox').routing.rules_file).to.equal(undefined);
    const named = load('routing: { rules_file: rules/own.yaml }').routing.rules_file;
    expect(named).to.equal(join(cwd, 'rules', 'own.yaml'));
  });

  it('takes a master key in hexadecimal and in both spellings of base64', () => {
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      const text = bytes.toString(encoding);
      const key = load(`secrets: { master_key: "${text}" }`).secrets.master_key;
      expect(key?.reveal()).to.equal(text);
    }
  });

  it('shows no secret when the configuration is printed or serialised', () => {
    const config = load(undefined, {
      DATABASE_URL: 'postgres://u:hunter2@h/d',
      POINTSMAN_MASTER_KEY: hexKey,
    });
    expect(config.database.url).to.be.instanceOf(Secret);
    for (const text of [
      inspect(config, { depth: 9 }),
      JSON.stringify(config),
      `${config.database.url}`,
    ]) {
      expect(text).not.to.contain('hunter2').and.not.to.contain(hexKey);
    }
  });

  describe('substitution', () => {
    it('puts variables into texts, numbers and booleans', () => {
      const yaml = [
        'data_dir: ${ROOT}/state-${STAGE:-dev}',
        'server: { port: "${API_PORT}" }',
        'simulator: { enabled: "${PRACTISE}" }',
        'log:',
        '  level: ${LEVEL:-warn}',
      ].join('\n');
      const config = load(yaml, { ROOT: '/srv', API_PORT: '9001', PRACTISE: 'false' });
      expect(config.data_dir).to.equal('/srv/state-dev');
      expect(config.server.port).to.equal(9001);
      expect(config.simulator.enabled).to.equal(false);
      expect(config.log.level).to.equal('warn');
    });

    it('never lets a value change what the file means', () => {
      const value = '"}\nmode: live\n# ${OTHER} \'';
      const config = load('data_dir: ${ROOT}\nmode: sandbox', { ROOT: value, OTHER: 'x' });
      expect(config.data_dir).to.equal(value);
      expect(config.mode).to.equal('sandbox');
    });

    it('writes $${ for the characters themselves and leaves a lone $ alone', () => {
      expect(load('data_dir: a$${ROOT}$b$', { ROOT: 'x' }).data_dir).to.equal('a${ROOT}$b$');
    });

    it('takes the default for an empty variable, and an empty default as "not given"', () => {
      const yaml = 'data_dir: ${ROOT:-here}\ndatabase:\n  url: ${DB:-}\n';
      const config = load(yaml, { ROOT: '' });
      expect(config.data_dir).to.equal('here');
      expect(config.database).to.deep.equal({ pool_size: 10 });
    });
  });

  describe('files', () => {
    it('reads the one that POINTSMAN_CONFIG names, unless one is given', () => {
      writeFileSync(join(cwd, 'other.yaml'), 'data_dir: other');
      const env = { POINTSMAN_CONFIG: 'other.yaml' };
      expect(load('data_dir: here', env).data_dir).to.equal('other');
      expect(load('data_dir: given', env, 'given.yaml').data_dir).to.equal('given');
    });

    it('refuses a named file that does not exist', () => {
      expect(errorOf(() => load(undefined, { POINTSMAN_CONFIG: 'gone.yaml' }))).to.equal(
        'POINTSMAN_CONFIG: "gone.yaml" does not exist, allowed: a YAML file',
      );
      expect(errorOf(() => loadConfig({ file: 'gone.yaml', env: {}, cwd }))).to.equal(
        'gone.yaml: this does not exist, allowed: a YAML file',
      );
    });

    it('refuses a directory', () => {
      mkdirSync(join(cwd, 'pointsman.yaml'));
      expect(errorOf(() => load())).to.equal(
        'pointsman.yaml: this is a directory, allowed: a YAML file',
      );
    });

    it('refuses a file it may not read', function () {
      if (process.getuid?.() === 0) {
        skipped.set('An unreadable configuration', 'the superuser may read everything');
        this.skip();
      }
      writeFileSync(join(cwd, 'pointsman.yaml'), 'mode: live');
      chmodSync(join(cwd, 'pointsman.yaml'), 0);
      expect(errorOf(() => load())).to.equal(
        'pointsman.yaml: this may not be read by this user (EACCES)',
      );
    });

    it('refuses bytes that are not UTF-8, and says where', () => {
      const latin1 = Buffer.from('mode: sandbox\ndata_dir: caf\xe9\n', 'latin1');
      expect(errorOf(() => load(latin1))).to.equal(
        'pointsman.yaml:2:14: a byte that is not UTF-8, allowed: a file saved as UTF-8',
      );
      expect(errorOf(() => load(Buffer.from('\ufeffmode: live', 'utf16le')))).to.match(
        /^pointsman\.yaml:1:1: a byte that is not UTF-8/,
      );
    });

    it('refuses a file of absurd size unread', () => {
      expect(errorOf(() => load(`# ${'x'.repeat(1_100_000)}`))).to.contain('larger than');
    });
  });
});

/** Broken configurations, one by one: the place, the key and the words; and never a secret. */
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig } from './load.ts';
import { distance, nearest } from '../core/yaml/nearest.ts';

// Every secret of this file, in YAML and environment, holds this word.
const marker = 'hunter2';
const environment = {
  WORD: marker,
  LONG: `postgres://u:${marker}@h/d`,
  BLANK: '',
};

type Case = readonly [title: string, yaml: string, line: number, column: number, rest: string];

const sections =
  'mode, data_dir, server, database, secrets, simulator, processors, connectors, plugins, plugin_settings, webhooks, mail, routing, rate_limits, log';
const serverKeys = 'host, port, base_url, trusted_proxies, request_timeout_ms, body_limit_bytes';
const proxies = 'an IP address, a network such as 10.0.0.0/8, or loopback';
const webUrl = 'an http:// or https:// URL without user, query or fragment';
const receiver = 'a host, host:port or *.suffix in lower case, IPv6 in brackets';
const keyText = '32 bytes, as 64 hexadecimal digits or in base64';
const unknown = 'found an unknown key, allowed:';

const cases: readonly Case[] = [
  // Values
  [
    'a port in words',
    'server:\n  port: eighty',
    2,
    9,
    'server.port: found "eighty", allowed: an integer from 0 to 65535',
  ],
  [
    'a quoted port',
    'server:\n  port: "80"',
    2,
    9,
    'server.port: found "80", allowed: an integer from 0 to 65535',
  ],
  [
    'a port too high',
    'server: { port: 65536 }',
    1,
    17,
    'server.port: found 65536, allowed: an integer from 0 to 65535',
  ],
  [
    'a mail server that is none',
    `mail:\n  smtp_url: https://u:${marker}@mail.example`,
    2,
    13,
    'mail.smtp_url: found [secret], allowed: an smtp:// or smtps:// URL with host and port, user and password where needed',
  ],
  [
    'a sender without a host',
    'mail: { from: shop }',
    1,
    15,
    'mail.from: found "shop", allowed: a mail address, such as shop@example.com',
  ],
  [
    'a negative port',
    'server:\n\n  port:   -1',
    3,
    11,
    'server.port: found -1, allowed: an integer from 0 to 65535',
  ],
  [
    'a fraction',
    'database:\n  pool_size: 1.5',
    2,
    14,
    'database.pool_size: found 1.5, allowed: an integer from 1 to 1000',
  ],
  [
    'infinity',
    'processors:\n  concurrency: .inf',
    2,
    16,
    'processors.concurrency: found Infinity, allowed: an integer from 1 to 10000',
  ],
  [
    'not a number',
    'processors:\n  concurrency: .nan',
    2,
    16,
    'processors.concurrency: found NaN, allowed: an integer from 1 to 10000',
  ],
  [
    'a timeout above the ceiling',
    'processors:\n  timeout_ms: 120001',
    2,
    15,
    'processors.timeout_ms: found 120001, allowed: an integer from 100 to 120000',
  ],
  [
    'a limit of nothing',
    'rate_limits:\n  public:\n    per_second: 0',
    3,
    17,
    'rate_limits.public.per_second: found 0, allowed: an integer of at least 1',
  ],
  [
    'a null hourly limit',
    'rate_limits:\n  payments:\n    per_hour:',
    3,
    14,
    'rate_limits.payments.per_hour: found nothing, allowed: an integer of at least 1',
  ],
  [
    'a yes',
    'simulator:\n  enabled: yes',
    2,
    12,
    'simulator.enabled: found "yes", allowed: true or false',
  ],
  [
    'a mistyped mode',
    'mode: lve',
    1,
    7,
    'mode: found "lve", allowed: sandbox or live (did you mean "live"?)',
  ],
  [
    'a mode in capitals',
    'mode: SANDBOX',
    1,
    7,
    'mode: found "SANDBOX", allowed: sandbox or live (did you mean "sandbox"?)',
  ],
  [
    'another mode altogether',
    'mode: production',
    1,
    7,
    'mode: found "production", allowed: sandbox or live',
  ],
  [
    'a mistyped level',
    'log:\n  level: wran',
    2,
    10,
    'log.level: found "wran", allowed: error, warn, info or debug (did you mean "warn"?)',
  ],
  [
    'a level that is a list',
    'log:\n  level: [info]',
    2,
    10,
    'log.level: found a list, allowed: error, warn, info or debug',
  ],
  [
    'a value left out',
    'data_dir:',
    1,
    10,
    'data_dir: found nothing, allowed: text of at least 1 characters',
  ],
  [
    'an empty text',
    'data_dir: ""',
    1,
    11,
    'data_dir: found "", allowed: text of at least 1 characters',
  ],
  [
    'a number for a path',
    'data_dir: 12',
    1,
    11,
    'data_dir: found 12, allowed: text of at least 1 characters',
  ],
  [
    'a URL of another scheme',
    'server:\n  base_url: ftp://a.example',
    2,
    13,
    `server.base_url: found "ftp://a.example", allowed: ${webUrl}`,
  ],
  [
    'a URL with a query',
    'server:\n  base_url: https://a.example/?x=1',
    2,
    13,
    `server.base_url: found "https://a.example/?x=1", allowed: ${webUrl}`,
  ],
  [
    'a network too wide',
    'server:\n  trusted_proxies:\n    - loopback\n    - 10.0.0.0/33',
    4,
    7,
    `server.trusted_proxies[1]: found "10.0.0.0/33", allowed: ${proxies}`,
  ],
  [
    'a host name as proxy',
    'server: { trusted_proxies: [proxy.local] }',
    1,
    29,
    `server.trusted_proxies[0]: found "proxy.local", allowed: ${proxies}`,
  ],
  [
    'a proxy that is no list',
    'server:\n  trusted_proxies: loopback',
    2,
    20,
    `server.trusted_proxies: found text, allowed: a list, each ${proxies}`,
  ],
  [
    'a section that is a number',
    'rate_limits:\n  payments: 5',
    2,
    13,
    'rate_limits.payments: found 5, allowed: a mapping with the keys per_second, per_hour',
  ],
  [
    'a section that is a list',
    'log:\n  - level',
    2,
    3,
    'log: found a list, allowed: a mapping with the keys level',
  ],
  [
    'the simulator in live mode',
    'mode: live\nsimulator:\n  enabled: true',
    3,
    12,
    'simulator.enabled: found true, allowed in live mode: false (the simulator would approve real orders)',
  ],
  [
    'one port for two servers',
    'server: { port: 8000 }\nsimulator: { port: 8000 }',
    2,
    20,
    'simulator.port: found 8000, allowed: any port but that of the API (server.port)',
  ],
  // Keys
  [
    'a mistyped key',
    'server:\n  prot: 80',
    2,
    3,
    `server.prot: ${unknown} ${serverKeys} (did you mean "port"?)`,
  ],
  [
    'a mistyped section',
    'mode: sandbox\nsevrer: {}',
    2,
    1,
    `sevrer: ${unknown} ${sections} (did you mean "server"?)`,
  ],
  [
    'a key in camel case',
    'dataDir: x',
    1,
    1,
    `dataDir: ${unknown} ${sections} (did you mean "data_dir"?)`,
  ],
  [
    'a key in the wrong section',
    'level: info',
    1,
    1,
    `level: ${unknown} ${sections} (did you mean "log.level"?)`,
  ],
  [
    'a key nobody knows',
    'log:\n  level: info\n  colour: red',
    3,
    3,
    `log.colour: ${unknown} level`,
  ],
  ['a merge key', 'log: &l { level: info }\n<<: *l', 2, 1, `…: ${unknown} ${sections}`],
  ['a number as key', '1: 2', 1, 1, `…: ${unknown} ${sections}`],
  ['a list as key', 'log:\n  ? [level]\n  : info', 2, 5, 'log: a key must be a plain word'],
  [
    'a key into the prototype',
    'log:\n  __proto__: { level: info }',
    2,
    3,
    'log: a key must be a plain word',
  ],
  // The file as a whole
  [
    'a list at the top',
    '# head\n- mode',
    2,
    1,
    `the file holds a list, allowed: a mapping with the keys ${sections}`,
  ],
  [
    'a text at the top',
    marker,
    1,
    1,
    `the file holds text, allowed: a mapping with the keys ${sections}`,
  ],
  [
    'a duplicate key',
    'mode: live\nlog: {}\nmode: sandbox',
    3,
    1,
    'mode: this key is there twice in one mapping; keep one of them',
  ],
  [
    'a duplicate key below',
    'server:\n  port: 1\n  port: 2',
    3,
    3,
    'port: this key is there twice in one mapping; keep one of them',
  ],
  ['a tab', 'server:\n\tport: 1', 2, 1, 'a tab is used to indent; YAML allows spaces only'],
  [
    'a second document',
    'mode: live\n---\nmode: sandbox',
    2,
    1,
    'a second document begins here ("---" or "..."); one is allowed',
  ],
  [
    'a quote left open',
    'mode: "live',
    1,
    12,
    'a quote, a bracket or a separating space is missing before this place',
  ],
  [
    'a bracket left open',
    'server: { port: 1\nmode: live',
    2,
    1,
    'the indentation does not fit the lines above, or a bracket is not closed',
  ],
  [
    'indentation that does not fit',
    'server:\n    port: 1\n  host: x',
    3,
    1,
    'the indentation does not fit the lines above, or a bracket is not closed',
  ],
  [
    'two colons in a line',
    'mode: live: now',
    1,
    7,
    'a second ": " stands on one line; put the value in quotes or on lines below',
  ],
  ['a key without its colon', 'mode\nlog: {}', 1, 1, 'a key without its ":"'],
  [
    'a value that begins with @',
    'data_dir: @home',
    1,
    11,
    'a plain value cannot begin with this character; put it in quotes',
  ],
  ['a tag', `data_dir: !env ${marker}`, 1, 11, 'a tag ("!…") is used; tags are not allowed'],
  [
    'a reference in a flow mapping without quotes',
    'log: {level: ${WORD}}',
    1,
    15,
    'YAML does not expect this here; text with { } [ ] , # : may need quotes, so may ${NAME} in { }',
  ],
  [
    'an alias of nothing',
    `data_dir: *${marker}`,
    1,
    11,
    'data_dir: no anchor for this alias ("*…") stands above it; a text that begins with * needs quotes',
  ],
  [
    'an alias of what it stands in',
    'log: &log { level: *log }',
    1,
    20,
    'log.level: an alias of what it stands in',
  ],
  // Secrets and variables
  [
    'a database that is a URL',
    `database: postgres://u:${marker}@h/d`,
    1,
    11,
    'database: found text, allowed: a mapping with the keys url, pool_size',
  ],
  [
    'a database URL of another kind',
    `database:\n  url: mysql://u:${marker}@h/d`,
    2,
    8,
    'database.url: found [secret], allowed: a postgres:// or postgresql:// URL',
  ],
  [
    'a database URL as a key',
    `database: { "postgres://u:${marker}@h/d" }`,
    1,
    13,
    `database.…: ${unknown} url, pool_size`,
  ],
  [
    'a short master key',
    `secrets:\n  master_key: ${marker}`,
    2,
    15,
    `secrets.master_key: found [secret], allowed: ${keyText}`,
  ],
  [
    'webhooks to this machine in live mode',
    'mode: live\nwebhooks: { allow_loopback: true }',
    2,
    29,
    'webhooks.allow_loopback: found true, allowed in live mode: false (name the receiver in allow_hosts)',
  ],
  [
    'a receiver of webhooks as a URL',
    'webhooks:\n  allow_hosts: [receiver, "http://receiver/"]',
    2,
    27,
    `webhooks.allow_hosts[1]: found "http://receiver/", allowed: ${receiver}`,
  ],
  [
    'a receiver of webhooks in another notation',
    'webhooks:\n  allow_hosts: ["127.1:3000"]',
    2,
    17,
    `webhooks.allow_hosts[0]: found "127.1:3000", allowed: ${receiver}`,
  ],
  [
    'no port for webhooks at all',
    'webhooks: { ports: [] }',
    1,
    20,
    'webhooks.ports: found a list, allowed: a list (entries: of at least 1), each an integer from 1 to 65535',
  ],
  [
    'a numeric master key',
    'secrets:\n  master_key: 12345678',
    2,
    15,
    `secrets.master_key: found [secret], allowed: ${keyText}`,
  ],
  [
    'a misspelt master key',
    `secrets:\n  masterkey: ${marker}`,
    2,
    3,
    `secrets.masterkey: ${unknown} master_key (did you mean "master_key"?)`,
  ],
  [
    'a URL with a password',
    `server:\n  base_url: https://u:${marker}@h`,
    2,
    13,
    `server.base_url: found text that is not shown, allowed: ${webUrl}`,
  ],
  [
    'a key in the place of a level',
    `log:\n  level: sk_live_${marker}`,
    2,
    10,
    'log.level: found text that is not shown, allowed: error, warn, info or debug',
  ],
  [
    'a variable of the wrong kind',
    'server:\n  port: ${WORD}',
    2,
    9,
    'server.port: found the value of ${WORD}, allowed: an integer from 0 to 65535',
  ],
  [
    'a variable that is no level',
    'log: { level: "x${WORD}${LONG}" }',
    1,
    15,
    'log.level: found the value of ${WORD} and ${LONG}, allowed: error, warn, info or debug',
  ],
  [
    'a variable that is not set',
    'server:\n  host: "a-${MISSING}"',
    2,
    12,
    'server.host: the environment variable MISSING is not set, allowed: any value, or ${MISSING:-default}',
  ],
  [
    'a variable that is empty',
    'data_dir: ${BLANK}',
    1,
    11,
    'data_dir: the environment variable BLANK is empty, allowed: any value, or ${BLANK:-default}',
  ],
  [
    'a reference without its end',
    'data_dir: x/${WORD',
    1,
    13,
    'data_dir: found "${" that begins no reference, allowed: ${NAME}, ${NAME:-default}, or $${ for the two characters themselves',
  ],
  [
    'a reference without a name',
    'data_dir: "${}"',
    1,
    12,
    'data_dir: found "${" that begins no reference, allowed: ${NAME}, ${NAME:-default}, or $${ for the two characters themselves',
  ],
];

describe('a broken configuration', () => {
  let cwd: string;

  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'pointsman-findings-'));
  });

  after(() => {
    rmSync(cwd, { recursive: true, force: true });
  });

  function findingsOf(yaml: string, env: Record<string, string> = environment): string[] {
    writeFileSync(join(cwd, 'pointsman.yaml'), yaml);
    try {
      loadConfig({ env, cwd });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      expect(JSON.stringify([error.message, error.findings, error.stack])).not.to.contain(marker);
      return error.message.split('\n  ').slice(1);
    }
    return expect.fail('it was accepted');
  }

  for (const [title, yaml, line, column, rest] of cases) {
    it(`says where and why: ${title}`, () => {
      expect(findingsOf(yaml)).to.deep.equal([`pointsman.yaml:${line}:${column}: ${rest}`]);
    });
  }

  const variables: readonly [name: string, value: string, rest: string][] = [
    ['POINTSMAN_PORT', 'eighty', 'found "eighty", allowed: an integer from 0 to 65535'],
    ['PORT', '99999', 'found 99999, allowed: an integer from 0 to 65535'],
    ['PORT', '0x50', 'found "0x50", allowed: an integer from 0 to 65535'],
    ['POINTSMAN_SIMULATOR_PORT', ' 80', 'found " 80", allowed: an integer from 0 to 65535'],
    ['POINTSMAN_MODE', 'Live', 'found "Live", allowed: sandbox or live (did you mean "live"?)'],
    ['POINTSMAN_LOG_LEVEL', 'trace', 'found "trace", allowed: error, warn, info or debug'],
    ['POINTSMAN_BASE_URL', 'pay.example', `found "pay.example", allowed: ${webUrl}`],
    [
      'POINTSMAN_BASE_URL',
      `http://u:${marker}@h`,
      `found text that is not shown, allowed: ${webUrl}`,
    ],
    ['POINTSMAN_MASTER_KEY', marker, `found [secret], allowed: ${keyText}`],
    [
      'DATABASE_URL',
      `mysql://u:${marker}@h/d`,
      'found [secret], allowed: a postgres:// or postgresql:// URL',
    ],
  ];
  for (const [name, value, rest] of variables) {
    it(`names the variable: ${name}=${value.replace(marker, '…')}`, () => {
      expect(findingsOf('mode: sandbox', { [name]: value })).to.deep.equal([`${name}: ${rest}`]);
    });
  }

  it('tells everything at once, in the order of the file, then the environment', () => {
    const yaml =
      'log:\n  level: wran\n  colour: red\nserver:\n  port: -1\n  host: ${MISSING}\nmdoe: live';
    const findings = findingsOf(yaml, { POINTSMAN_MODE: 'off' });
    expect(findings.map((finding) => finding.split(': ', 2).join(' '))).to.deep.equal([
      'pointsman.yaml:2:10 log.level',
      'pointsman.yaml:3:3 log.colour',
      'pointsman.yaml:5:9 server.port',
      'pointsman.yaml:6:9 server.host',
      'pointsman.yaml:7:1 mdoe',
      'POINTSMAN_MODE found "off", allowed',
    ]);
  });

  it('survives aliases of aliases of aliases', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const item = level === 0 ? 'x' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
    });
    expect(findingsOf(levels.join('\n'))).to.have.length.within(1, 2);
  });

  it('survives ten thousand brackets', () => {
    const [finding] = findingsOf(`data_dir: ${'['.repeat(10_000)}`);
    expect(finding).to.match(/^pointsman\.yaml:1:\d+: /);
    expect(findingsOf(`data_dir: ${'['.repeat(50)}${']'.repeat(50)}`)[0]).to.contain('too large');
  });

  it('points to where an alias is used, not to where its anchor stands', () => {
    const yaml = 'data_dir: &word sandbox\nmode: *word\nlog:\n  level: *word';
    expect(findingsOf(yaml)).to.deep.equal([
      'pointsman.yaml:4:10: log.level: found "sandbox", allowed: error, warn, info or debug',
    ]);
  });
});

describe('nearest', () => {
  it('counts insertions, deletions, replacements and swaps of neighbours', () => {
    const pairs = [
      ['', 'abc', 3],
      ['kitten', 'sitting', 3],
      ['prot', 'port', 1],
      ['a', 'a', 0],
    ] as const;
    for (const [a, b, steps] of pairs) {
      expect(distance(a, b)).to.equal(steps);
      expect(distance(b, a)).to.equal(steps);
    }
  });

  it('suggests nothing that is not near', () => {
    expect(nearest('production', ['sandbox', 'live'])).to.equal(undefined);
    expect(nearest('x'.repeat(10_000), ['live'])).to.equal(undefined);
    expect(nearest('Pool-Size', ['pool_size'])).to.equal('pool_size');
  });
});

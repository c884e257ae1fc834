/** What may be saved as a receiver, by its text alone. */
import { expect } from 'chai';
import { hostileUrls } from '../../test/support/hostile-urls.ts';
import { checkWebhookUrl, readReceiver, type WebhookPolicy } from './webhook-url.ts';

const port = 45_678;
const webPorts = [80, 443, 8080, 8443];
const anyone: WebhookPolicy = {
  allowLoopback: false,
  allowHosts: [],
  allowedPorts: [...webPorts, port],
  requireHttps: false,
};
const live: WebhookPolicy = { ...anyone, allowedPorts: webPorts, requireHttps: true };
const sandbox: WebhookPolicy = { ...anyone, allowedPorts: webPorts, allowLoopback: true };

function ruleOf(url: string, policy: WebhookPolicy): string {
  const ruling = checkWebhookUrl(url, policy);
  return ruling.ok ? 'fine' : ruling.rule;
}

describe('the URL of a webhook', () => {
  const hostile = hostileUrls(port);

  it('is tried in well over sixty hostile spellings, each another one', () => {
    expect(new Set(hostile.map(({ url }) => url)).size).to.equal(hostile.length);
    expect(hostile.length).to.be.greaterThan(100);
  });

  for (const { url, about } of hostile) {
    it(`is refused for the right reason: ${JSON.stringify(url).slice(0, 80)}`, () => {
      expect(ruleOf(url, anyone)).to.match(about);
    });
  }

  it('may be any plain one of the public internet', () => {
    for (const url of [
      'https://shop.example/hooks',
      'https://SHOP.Example/Hooks?key=a%20b&to=http://127.0.0.1/',
      'https://shop.example:8443',
      'https://xn--mnchen-3ya.example/haken',
      'https://shop.example/münchen',
      'https://shop_1.example/',
      'https://8.8.8.8/',
      'https://[2606:4700:4700::1111]/',
      'https://[2606:4700:4700:0:0:0:0:1111]:443/',
      `https://${'abcdefgh.'.repeat(27)}example/`,
      'https://shop.example/a@b',
      'https://localhost.example/',
    ]) {
      expect(ruleOf(url, live), url).to.equal('fine');
    }
  });

  it('is https in live mode', () => {
    expect(ruleOf('http://shop.example/', live)).to.match(/https:\/\/ in live mode/);
    expect(ruleOf('http://shop.example/', sandbox)).to.equal('fine');
  });

  it('loses its fragment, which is nothing to a server', () => {
    const ruling = readReceiver('https://shop.example/hooks?a=1#part', live);
    expect(ruling.ok && ruling.receiver.url.href).to.equal('https://shop.example/hooks?a=1');
  });

  it('may be on this machine in the sandbox, at any port that speaks nothing else', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', '[::1]', 'localhost', 'hook.localhost']) {
      expect(ruleOf(`http://${host}:${port}/`, sandbox), host).to.equal('fine');
    }
    for (const service of [22, 2375, 5432, 6379]) {
      expect(ruleOf(`http://127.0.0.1:${service}/`, sandbox)).to.match(/another protocol/);
    }
    expect(ruleOf('http://127.0.0.1:0/', sandbox)).to.match(/another protocol/);
  });

  it('may be nothing else private in the sandbox, whatever its spelling', () => {
    const passed = hostile.filter(({ url }) => ruleOf(url, sandbox) === 'fine');
    const hosts = passed.map(({ url }) => url.slice('http://'.length, -`:${port}/hook`.length));
    expect(hosts).to.deep.equal([
      '127.0.0.1',
      '127.0.0.2',
      '127.255.255.254',
      '[::1]',
      '[0:0:0:0:0:0:0:1]',
      '[0000::0001]',
      'localhost',
      'LOCALHOST',
      'hook.localhost',
    ]);
  });

  describe('of a host that the operator listed', () => {
    const listing = (...allowHosts: string[]): WebhookPolicy => ({ ...live, allowHosts });

    it('may be private, a bare name, and use http', () => {
      const policy = listing('receiver', '10.0.0.5', '*.corp', '[fd00::5]', 'localhost');
      for (const url of [
        'http://receiver:3000/',
        'http://10.0.0.5/',
        'http://hooks.shop.corp/',
        'http://[fd00::5]:3000/',
        'http://localhost:3000/',
      ]) {
        expect(ruleOf(url, policy), url).to.equal('fine');
      }
    });

    it('is exactly that host, with exactly its port if it has one', () => {
      const policy = listing('receiver:3000', '*.shop.corp', '[fd00::5]:3000');
      for (const url of [
        'http://receiver:3001/',
        'http://receiver/',
        'http://myreceiver:3000/',
        'http://shop.corp/',
        'http://evilshop.corp/',
        'http://shop.corp.evil.corp/',
        'http://[fd00::6]:3000/',
        'http://[fd00::5]/',
        'http://10.0.0.5:3000/',
      ]) {
        expect(ruleOf(url, policy), url).not.to.equal('fine');
      }
      expect(ruleOf('http://receiver:3000/', policy)).to.equal('fine');
    });

    it('is no way around the spelling, the credentials or the metadata', () => {
      const policy = listing('receiver', '127.0.0.1', '169.254.169.254', '*.internal', '*.0.0.1');
      for (const url of [
        'http://127.1/',
        'http://user@receiver/',
        'http://receiver./',
        'http://169.254.169.254/',
        'http://10.0.0.1/',
      ]) {
        expect(ruleOf(url, policy), url).not.to.equal('fine');
      }
    });

    it('may use the port of another protocol only where the entry names it', () => {
      expect(ruleOf('http://receiver:9200/', listing('receiver'))).to.match(/another protocol/);
      expect(ruleOf('http://receiver:9200/', listing('receiver:9200'))).to.equal('fine');
      expect(ruleOf('http://receiver:9200/', listing('receiver', 'receiver:9200'))).to.equal(
        'fine',
      );
    });
  });
});

/** The way out for webhooks, against URLs and names that lead where nobody should be sent. */
import { expect } from 'chai';
import { hostileUrls, namesOfThisMachine } from '../../test/support/hostile-urls.ts';
import { expectFault, faultOf, here, openReceivers, post } from '../../test/support/receivers.ts';
import type { Resolve } from './resolve.ts';
import type { WebhookPolicy } from './webhook-url.ts';

// Global unicast that IANA has given to nobody: should a packet get out, it disturbs no one.
const publicAddress = '2d00::1';

describe('the webhook port connects only where it looked', () => {
  const receivers = openReceivers();
  const { web, portWith } = receivers;

  afterEach(() => receivers.end());

  /** Answers each look-up with the next of the lists, the last one for good. */
  function changing(...lists: string[][]): Resolve & { asked: string[] } {
    const asked: string[] = [];
    const resolve: Resolve = async (host) => {
      asked.push(host);
      return lists[Math.min(asked.length, lists.length) - 1] ?? [];
    };
    return Object.assign(resolve, { asked });
  }

  async function canary() {
    const place = await web((_request, response) => response.end('caught'));
    const guarded = (resolve?: Resolve, more: Partial<WebhookPolicy> = {}) =>
      portWith({ allowLoopback: false, allowedPorts: [80, 443, place.port], ...more }, resolve);
    return { place, guarded };
  }

  it('so a canary on this machine hears nothing of any hostile URL', async () => {
    const { place, guarded } = await canary();
    const names = changing(['127.0.0.1']);
    const port = guarded(names);
    const urls = [
      ...hostileUrls(place.port).map(({ url }) => url),
      ...namesOfThisMachine.map((name) => `http://${name}:${place.port}/hook`),
    ];
    for (const url of urls) await expectFault('blocked', post(port, url));
    expect(names.asked).to.deep.equal(namesOfThisMachine);
    expect(place.connections).to.equal(0);
    // The canary lives: without the guard this machine is one request away.
    expect((await post(portWith(), here(place))).excerpt).to.equal('caught');
    expect(place.connections).to.equal(1);
  });

  it('so a name that leads inside is refused, whatever else it leads to', async () => {
    const { place, guarded } = await canary();
    const url = `http://shop.example:${place.port}/`;
    for (const addresses of [
      ['127.0.0.1'],
      [publicAddress, '127.0.0.1'],
      ['127.0.0.1', publicAddress],
      ['1.1.1.1', '::1'],
      [publicAddress, '::ffff:127.0.0.1'],
      ['10.0.0.1'],
      ['169.254.169.254'],
      ['not an address'],
    ]) {
      const fault = await expectFault('blocked', post(guarded(changing(addresses)), url));
      for (const address of addresses) expect(fault.message).not.to.contain(address);
    }
    expect(place.connections).to.equal(0);
  });

  it('so a name that turns inward between look-up and connection gains nothing', async () => {
    const { place, guarded } = await canary();
    const names = changing([publicAddress], ['127.0.0.1']);
    const port = guarded(names);
    const url = `http://rebind.example:${place.port}/`;
    // How far one gets on the way to a public address depends on the machine.
    const first = await faultOf(post(port, url, 300));
    expect(first.kind).to.be.oneOf(['timed_out', 'refused']);
    expect(names.asked).to.deep.equal(['rebind.example']);
    await expectFault('blocked', post(port, url));
    await expectFault('blocked', post(port, url));
    expect(names.asked).to.have.length(3);
    expect(place.connections).to.equal(0);
  });

  it('so each attempt asks anew and connects to what it was told that time', async () => {
    const { place, guarded } = await canary();
    const names = changing(['::1', '127.0.0.1'], ['127.0.0.1'], ['169.254.169.254']);
    const port = guarded(names, { allowHosts: ['receiver'] });
    const url = `http://receiver:${place.port}/`;
    expect((await post(port, url)).excerpt).to.equal('caught');
    expect((await post(port, url)).excerpt).to.equal('caught');
    await expectFault('blocked', post(port, url));
    expect(names.asked).to.have.length(3);
    expect(place.connections).to.equal(2);
  });

  it('and in the sandbox a name of the internet is no way to this machine either', async () => {
    const { place, guarded } = await canary();
    const names = changing(['127.0.0.1']);
    const port = guarded(names, { allowLoopback: true });
    await expectFault('blocked', post(port, `http://shop.example:${place.port}/`));
    expect(place.connections).to.equal(0);
    expect((await post(port, `http://localhost:${place.port}/`)).status).to.equal(200);
    expect((await post(port, `http://hook.localhost:${place.port}/`)).status).to.equal(200);
    expect(names.asked, 'localhost is never asked of a name server').to.have.length(1);
  });

  it('and follows no redirect: it is the answer', async () => {
    const { place } = await canary();
    for (const status of [301, 302, 303, 307, 308]) {
      const from = await web((_request, response) => {
        response.writeHead(status, { location: here(place) }).end();
      });
      const answer = await post(portWith(), here(from));
      expect(answer.status).to.equal(status);
      expect(answer.headers['location']).to.equal(here(place));
    }
    expect(place.connections).to.equal(0);
  });
});

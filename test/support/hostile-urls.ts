/** Ways to spell "connect to yourself" that have fooled somebody's guard before. */

export interface HostileUrl {
  readonly url: string;
  /** What the refusal speaks of. */
  readonly about: RegExp;
}

const address = /private or reserved/;
const host = /usual notation/;
const name = /internal network/;
const scheme = /begins with/;
const characters = /blanks, control characters/;
const credentials = /user name/;

/** Every one aims at `port` of this machine, or at something in its network. */
export function hostileUrls(port: number): HostileUrl[] {
  const at = (about: RegExp, urls: readonly string[]) => urls.map((url) => ({ url, about }));
  const hosts = (about: RegExp, names: readonly string[]) =>
    at(
      about,
      names.map((one) => `http://${one}:${port}/hook`),
    );
  return [
    ...hosts(address, ['127.0.0.1', '127.0.0.2', '127.255.255.254', '0.0.0.0', '10.0.0.1']),
    ...hosts(address, [
      '172.16.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '169.254.169.254',
      '192.0.0.192',
    ]),
    ...hosts(address, ['100.100.100.200', '168.63.129.16', '198.18.0.1', '192.0.2.1', '224.0.0.1']),
    ...hosts(address, ['255.255.255.255', '240.0.0.1', '203.0.113.9', '192.88.99.1']),
    ...hosts(address, ['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::ffff:127.0.0.1]']),
    ...hosts(address, ['[::ffff:7f00:1]', '[0:0:0:0:0:FFFF:7F00:0001]', '[::127.0.0.1]']),
    ...hosts(address, ['[64:ff9b::7f00:1]', '[64:ff9b::169.254.169.254]', '[64:ff9b:1::1]']),
    ...hosts(address, ['[2002:7f00:1::]', '[2001:0:4136:e378:8000:63bf:80ff:fffe]', '[fe80::1]']),
    ...hosts(address, ['[fd00:ec2::254]', '[fc00::1]', '[ff02::1]', '[2001:db8::1]', '[fec0::1]']),
    ...hosts(host, ['127.1', '127.0.1', '0', '2130706433', '017700000001', '0x7f000001', '0x7f.1']),
    ...hosts(host, ['0177.0.0.1', '0x7f.0x0.0x0.0x1', '127.0.0.01', '127.000.000.001', '00.0.0.0']),
    ...hosts(host, ['127.0.0.1.', '127.0.0.256', '4294967297', '0x100000001', '1.2.3.4.5', '0x']),
    ...hosts(host, ['１２７.０.０.１', '①②⑦.⓪.⓪.①', '127。0。0。1', '127．0．0．1', 'ⓛocalhost']),
    ...hosts(host, ['loｃalhost', 'lоcalhost.example', 'ﬀ.example', '１.example']),
    ...hosts(host, ['127.0.0.1%00.shop.example', '%31%32%37.0.0.1', 'local%68ost', '127%2e0.0.1']),
    ...hosts(host, ['[fe80::1%25lo]', '[::1%25]', '[::1', '::1', '[127.0.0.1]', '[::1]x', '[]']),
    ...hosts(host, ['localhost.', 'shop.example.', 'shop..example', '.localhost', '-.example']),
    ...hosts(host, [`${'a'.repeat(64)}.example`, `${'abcdefgh.'.repeat(30)}example`]),
    ...hosts(host, ['', 'shop.example,127.0.0.1', 'shop.example:80:127.0.0.1', '{127.0.0.1}']),
    ...hosts(name, ['localhost', 'LOCALHOST', 'hook.localhost', 'localhost.localdomain', 'redis']),
    ...hosts(name, ['metadata.google.internal', 'metadata.goog', 'metadata', 'printer.local']),
    ...hosts(name, ['router.home.arpa', 'api.default.svc', '1.0.0.127.in-addr.arpa', 'db.corp']),
    ...at(credentials, [
      `http://shop.example@127.0.0.1:${port}/`,
      `http://shop.example:80@127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}@shop.example/`,
      `http://:@127.0.0.1:${port}/`,
    ]),
    ...at(characters, [
      `http://shop.example\\@127.0.0.1:${port}/`,
      `http:\\\\127.0.0.1:${port}\\`,
      `http://127.0.0.1\t:${port}/`,
      `http://127.0.\n0.1:${port}/`,
      ` http://127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}/\r\nhost: shop.example`,
      `http://lo\u00ADcalhost:${port}/`,
      `http://local\u200Bhost:${port}/`,
      `http://127.0.0.1\u0000.shop.example:${port}/`,
      `http://127.0.0.1 .shop.example:${port}/`,
    ]),
    ...at(scheme, [
      `http:127.0.0.1:${port}/`,
      `http:/127.0.0.1:${port}/`,
      `//127.0.0.1:${port}/`,
      `127.0.0.1:${port}`,
      `gopher://127.0.0.1:${port}/_POST`,
      `ftp://127.0.0.1:${port}/`,
      `file:///etc/passwd`,
      `javascript:fetch('http://127.0.0.1:${port}')`,
      `data:text/plain,hello`,
      `blob:http://127.0.0.1:${port}/1`,
      `ws://127.0.0.1:${port}/`,
      `unix:/var/run/docker.sock`,
      `view-source:http://127.0.0.1:${port}/`,
      '',
    ]),
    ...at(host, [
      `http:///127.0.0.1:${port}/`,
      `http://?127.0.0.1:${port}`,
      `http://#@127.0.0.1:${port}/`,
      `http://127.0.0.1:0${port}/`,
      `http://127.0.0.1:${port + 65_536}/`,
      `http://127.0.0.1:/`,
      `http://127.0.0.1:+${port}/`,
      `http://127.0.0.1:${port}%23/`,
    ]),
    ...at(/at most 2048/, [`http://127.0.0.1:${port}/${'a'.repeat(2_048)}`]),
    ...at(/port is one of/, [
      'http://shop.example:22/',
      'https://shop.example:25/',
      'http://shop.example:6379/',
      'http://shop.example:0/',
      'http://shop.example:11211/',
    ]),
  ];
}

/** Names that look like anybody's, and whose name server says: this machine. */
export const namesOfThisMachine = [
  'localtest.me',
  '127.0.0.1.nip.io',
  '7f000001.nip.io',
  'xn--lcalhost-54a.example',
  'rebind.example',
];

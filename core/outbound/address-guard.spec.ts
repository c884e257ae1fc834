/** Addresses, in every family's clothes: which may be reached, and on whose word. */
import { expect } from 'chai';
import { mayReach } from './address-guard.ts';

const open = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2600::1',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
  // NAT64 of 8.8.8.8.
  '64:ff9b::808:808',
];

const privately = [
  '10.0.0.0',
  '10.255.255.255',
  '100.64.0.0',
  '100.127.255.255',
  '172.16.0.0',
  '172.31.255.255',
  '192.168.0.0',
  '192.168.255.255',
  'fc00::1',
  'fd12:3456:789a::1',
];

const onThisMachine = ['127.0.0.1', '127.0.0.0', '127.255.255.255', '::1'];

const never: Readonly<Record<string, readonly string[]>> = {
  'this network': ['0.0.0.0', '0.255.255.255', '::'],
  'link-local': ['169.254.0.0', '169.254.255.255', 'fe80::1', 'febf::1', 'fec0::1'],
  'cloud metadata': [
    '169.254.169.254',
    '169.254.170.2',
    'fd00:ec2::254',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ],
  multicast: ['224.0.0.1', '239.255.255.250', 'ff02::1', 'ff0e::1'],
  reserved: ['240.0.0.1', '255.255.255.255', '192.0.0.1', '192.88.99.1', '4000::1', '100::1'],
  examples: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  benchmarks: ['198.18.0.1', '198.19.255.255', '2001:2::1'],
  'IPv4 inside of IPv6': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '::8.8.8.8',
    '64:ff9b::7f00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::',
    '64:ff9b:1::808:808',
    '2002:7f00:1::',
    '2002:808:808::1',
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  ],
  'what is no address': ['', 'localhost', '127.1', '0x7f.0.0.1', '1.1.1.1%lo', '2600::1%eth0'],
};

describe('the address guard', () => {
  for (const address of open) {
    it(`lets ${address} be reached by anybody, but for the sandbox's own receivers`, () => {
      expect(mayReach(address, 'public')).to.equal(true);
      expect(mayReach(address, 'listed')).to.equal(true);
      expect(mayReach(address, 'loopback')).to.equal(false);
    });
  }

  for (const address of privately) {
    it(`keeps ${address} for those that the operator listed`, () => {
      expect(mayReach(address, 'public')).to.equal(false);
      expect(mayReach(address, 'listed')).to.equal(true);
      expect(mayReach(address, 'loopback')).to.equal(false);
    });
  }

  for (const address of onThisMachine) {
    it(`keeps ${address} for the sandbox and those that the operator listed`, () => {
      expect(mayReach(address, 'public')).to.equal(false);
      expect(mayReach(address, 'listed')).to.equal(true);
      expect(mayReach(address, 'loopback')).to.equal(true);
    });
  }

  for (const [what, addresses] of Object.entries(never)) {
    for (const address of addresses) {
      it(`lets nobody reach ${what}: "${address}"`, () => {
        for (const trust of ['public', 'loopback', 'listed'] as const) {
          expect(mayReach(address, trust), trust).to.equal(false);
        }
      });
    }
  }
});

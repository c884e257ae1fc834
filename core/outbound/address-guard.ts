/**
 * Which addresses a webhook may be sent to. A merchant names the receiver, so without this the
 * switch would knock on any door inside its own network for whoever asks (SSRF).
 */
import { BlockList, isIP } from 'node:net';

/**
 * How far a receiver is trusted. `public`: anybody's URL. `loopback`: a sandbox's receiver on this
 * machine. `listed`: named by the operator in `webhooks.allow_hosts`.
 */
export type Trust = 'public' | 'loopback' | 'listed';

const loopbackNetworks = ['127.0.0.0/8', '::1/128'];

/** Where an operator's own receivers live: RFC 1918, shared space (RFC 6598), ULA (RFC 4193). */
const internalNetworks = [
  ...loopbackNetworks,
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
];

/** Cloud metadata at addresses that look internal or public: Alibaba, AWS over IPv6, Azure. */
const metadataNetworks = ['100.100.100.200/32', 'fd00:ec2::254/128', '168.63.129.16/32'];

/** IANA's registry of special-purpose IPv4 addresses, multicast and the old class E. */
const specialIPv4Networks = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * IPv6 is the other way round: only what is listed is public. Global unicast is 2000::/3; of that
 * the IETF's own block (with Teredo), the examples and 6to4 are none of the internet's hosts. What
 * carries an IPv4 address (mapped, compatible, translated) lies outside of it.
 */
const globalIPv6Networks = ['2000::/3'];
const specialIPv6Networks = [
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
];

/** An IPv4 address in IPv6 clothes (RFC 4291), which no name server has a reason to hand out. */
const mappedNetworks = ['::ffff:0:0/96'];

/** NAT64 (RFC 6052): how an IPv6-only network reaches IPv4, the last 32 bits being the target. */
const nat64 = { prefix: '64:ff9b::', bits: 96 };

const loopback = listOf(loopbackNetworks);
const internal = listOf(internalNetworks);
const metadata = listOf(metadataNetworks);
const specialIPv4 = listOf(specialIPv4Networks);
const globalIPv6 = listOf(globalIPv6Networks);
const specialIPv6 = listOf(specialIPv6Networks);
const mapped = listOf(mappedNetworks);
const translated = listOf([`${nat64.prefix}/${nat64.bits}`]);
const specialTranslated = listOf(
  specialIPv4Networks.map((network) => {
    const [address, bits] = network.split('/');
    return `${nat64.prefix}${address}/${nat64.bits + Number(bits)}`;
  }),
);

/**
 * Whether a receiver of that trust may be reached at `address` (an IP address as the resolver or
 * the URL parser spells it). Anything that is no address, or has a zone, may not be.
 */
export function mayReach(address: string, trust: Trust): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  // Node's lists would compare the IPv4 address inside, and take it for that.
  if (isIP(address) === 6 && contains(mapped, address)) return false;
  if (trust === 'loopback') return contains(loopback, address);
  if (trust === 'listed' && contains(internal, address) && !contains(metadata, address)) {
    return true;
  }
  return isPublicAddress(address);
}

/** Whether `address` is a host's on the internet, and no stand-in for one that is not. */
function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !contains(specialIPv4, address);
  if (contains(translated, address)) return !contains(specialTranslated, address);
  return contains(globalIPv6, address) && !contains(specialIPv6, address);
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

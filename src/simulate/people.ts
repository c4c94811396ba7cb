// Owns who the simulated customers are: their identifiers and attributes, computed from seed and number, never stored.
import { deriveSeed, mix32, Random } from './random.ts';

const FIRST_NAMES = (
  'Anna Ben Chloé Daniel Elif Fatima Giulia Hiroshi Ingrid João Karin Liam Mei ' +
  'Noah Olivia Paweł Quentin Renée Sofia Thomas Uma Viktor William Yara Zoë'
).split(' ');

const LAST_NAMES = (
  'Andersson Bianchi Costa Dubois Evans Fischer García Haddad Ito Jansen Kowalski ' +
  'Lefèvre Müller Nguyen O’Brien Papadopoulos Rossi Silva Tanaka Walker Yılmaz Zhang'
).split(' ');

// Country and language, as ISO codes.
const PLACES = 'DE-de FR-fr IT-it ES-es GB-en US-en CA-fr BR-pt JP-ja PL-pl SE-sv TR-tr'.split(' ');

const TIERS = ['Bronze', 'Silver', 'Gold', 'Platinum'];

// A fixed point in time instead of "now", so that the same seed sends the same bytes tomorrow.
const LAST_SEEN_FROM = Date.UTC(2026, 0, 1);

/** Everything a simulated CDP knows about a customer; the server keeps the attributes it has defined. */
export type PersonAttributes = {
  FirstName: string;
  LastName: string;
  Country: string;
  Language: string;
  Tier: string;
  LifetimeOrders: number;
  EmailOptIn: boolean;
  LastSeen: string;
};

// 65,536 prebuilt pieces of four hex digits: rendering an identifier takes a handful of look-ups.
const HEX4 = Array.from({ length: 0x10000 }, (_, value) => value.toString(16).padStart(4, '0'));

function hex8(value: number): string {
  return (HEX4[value >>> 16] ?? '') + (HEX4[value & 0xffff] ?? '');
}

/** The simulated population of one seed. Customer `n` is the same person in every run. */
export class People {
  readonly #idSeed: number;
  readonly #personSeed: number;

  constructor(seed: number) {
    this.#idSeed = deriveSeed(seed, 1);
    this.#personSeed = deriveSeed(seed, 2);
  }

  /**
   * The identifier of customer `n`, in the mix of forms found in real customer bases: mostly UUIDs, some object IDs,
   * CRM numbers, addresses and paths; the last two need percent-encoding. Unique, because every form spells out a
   * bijection of `n`; scattered, so that neighbours in a batch are not neighbours in the server's indexes. Never
   * contains a character that JSON would escape.
   */
  id(n: number): string {
    const a = mix32(n ^ this.#idSeed);
    const b = mix32(a ^ 0x5bd1e995 ^ this.#personSeed);
    const form = b & 0xff;
    if (form < 204) {
      const c = mix32(b + 0x27d4eb2f);
      const d = mix32(c ^ 0x165667b1);
      const version = HEX4[0x4000 | (b & 0xfff)] ?? '';
      const variant = HEX4[0x8000 | (c & 0x3fff)] ?? '';
      return `${hex8(a)}-${HEX4[b >>> 16] ?? ''}-${version}-${variant}-${HEX4[c >>> 16] ?? ''}${hex8(d)}`;
    }
    if (form < 232) return `${hex8(b)}${hex8(mix32(b))}${hex8(a)}`;
    if (form < 246) return `crm:${String(a).padStart(10, '0')}`;
    if (form < 252) {
      const { FirstName } = this.attributes(n, 1);
      return `${FirstName.toLowerCase()}+${a.toString(36)}@example.com`;
    }
    return `shop/eu/${a}`;
  }

  /**
   * What the CDP knows about customer `n` at its `version`-th update (from 1): the name stays, orders and tier change.
   */
  attributes(n: number, version: number): PersonAttributes {
    const fixed = new Random(this.#personSeed ^ mix32(n));
    const FirstName = fixed.pick(FIRST_NAMES);
    const LastName = fixed.pick(LAST_NAMES);
    const [Country = '', Language = ''] = fixed.pick(PLACES).split('-');
    const EmailOptIn = fixed.below(100) < 62;
    const LifetimeOrders = fixed.below(40) + version - 1;
    const Tier = TIERS[Math.min(3, Math.floor(LifetimeOrders / 12))] ?? 'Bronze';
    const seenMinute = fixed.below(300 * 24 * 60) + version * 97;
    const LastSeen = new Date(LAST_SEEN_FROM + seenMinute * 60_000).toISOString();
    return { FirstName, LastName, Country, Language, Tier, LifetimeOrders, EmailOptIn, LastSeen };
  }

  /** The attributes in an update: all of them at first, afterwards the changed ones, as a CDP sends deltas. */
  update(n: number, version: number): Partial<PersonAttributes> {
    const all = this.attributes(n, version);
    if (version === 1) return all;
    return { Tier: all.Tier, LifetimeOrders: all.LifetimeOrders, LastSeen: all.LastSeen };
  }
}

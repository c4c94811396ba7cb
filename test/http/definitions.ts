/** The attributes and names that the tables use. */

/** The deployment that a server with a list of host names serves. */
export const DEPLOYMENT = 'promo.example.com';

/** The platform name that most tables use: the namespace of their external audience IDs. */
export const PLATFORM = 'Harbour CDP';

interface Definition {
  readonly type: string;
  /** A restricted list. */
  readonly suggestions?: readonly string[];
  /** The only Application it applies to. */
  readonly only?: string;
  /** A value it accepts. */
  readonly sample: unknown;
}

const DEFINITIONS = {
  Tier: { type: 'string', sample: 'gold' },
  OrderCount: { type: 'number', sample: 17 },
  NewsletterConsent: { type: 'boolean', sample: true },
  HomeStore: { type: 'string', sample: 'Kiel' },
  RenewsAt: { type: 'time', sample: '2027-03-31T22:00:00Z' },
  Residence: { type: 'location', sample: { latitude: 54.3, longitude: 10.1 } },
  Hobbies: { type: '(list string)', sample: ['rowing'] },
  Scores: { type: '(list number)', sample: [1] },
  Visits: { type: '(list time)', sample: ['2027-03-31T22:00:00Z'] },
  Places: { type: '(list location)', sample: [{ latitude: 0, longitude: 0 }] },
  Colour: { type: 'string', suggestions: ['red', 'blue'], sample: 'red' },
  Sizes: { type: '(list number)', suggestions: ['36', '38.5'], sample: [36] },
  Tags: { type: '(list string)', suggestions: ['new', 'sale'], sample: ['new'] },
  constructor: { type: 'string', sample: 'x' },
  ShopOnly: { type: 'string', only: 'Second shop', sample: 'x' },
  SandboxOnly: { type: 'string', only: 'Sandbox', sample: 'x' },
  DefaultOnly: { type: 'string', only: 'Default', sample: 'x' },
} as const satisfies Record<string, Definition>;

export type AttributeName = keyof typeof DEFINITIONS;

export const ATTRIBUTES: Readonly<Record<AttributeName, Definition>> = DEFINITIONS;

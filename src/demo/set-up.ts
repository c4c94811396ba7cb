/** The first hour of the story: users and Applications, attributes, keys, and first attempts that are refused. */

import { createApiKey } from '../domain/access/api-key-administration.ts';
import { generatePassword } from '../domain/access/passwords.ts';
import { signIn } from '../domain/access/signing-in.ts';
import { createUser } from '../domain/access/user-administration.ts';
import { COMMAND_LINE } from '../domain/actor.ts';
import { createApplication } from '../domain/definitions/application-administration.ts';
import { createAttribute } from '../domain/definitions/attribute-administration.ts';
import { AUDIENCES, CDP, existsOn, TEALIUM } from './audiences.ts';
import { audienceCreation, profileUpdate, type Sender } from './calls.ts';
import { INTERESTS, TIERS } from './people.ts';
import { DAY_MS, TIMEZONE } from './rhythm.ts';
import {
  applicationOf,
  coreOf,
  expectAnswer,
  type Scene,
  type SenderName,
  type Stage,
  senderOf,
  type UserName,
} from './stage.ts';

const MINUTE_MS = 60_000;
/** The first key of the Tealium connector expires in the middle of the story, and nobody noticed. */
export const TEALIUM_EXPIRY_DAY = 17;

const USERS: Readonly<Record<UserName, { email: string; name: string; isAdmin: boolean }>> = {
  maya: { email: 'maya@northwind.example', name: 'Maya Okonkwo', isAdmin: true },
  tomas: { email: 'tomas@northwind.example', name: 'Tomás Ferreira', isAdmin: true },
  jonas: { email: 'jonas@northwind.example', name: 'Jonas Lindqvist', isAdmin: false },
};

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
export const CONNECTOR = 'northwind-cdp-connector/4.2';
const TEALIUM_CONNECTOR = 'Tealium-EventStream/2.1';

interface KeyPlan {
  readonly sender: SenderName;
  readonly application: 'shop' | 'sandbox';
  readonly title: string;
  readonly platform: 'customer_data' | 'none';
  /** Days of the story until it expires; the story ends on day 30. */
  readonly expiresDay: number;
  readonly readOnly?: boolean;
  readonly rateLimit?: number;
  readonly from: Omit<Sender, 'key'>;
}

const KEYS: readonly KeyPlan[] = [
  {
    sender: 'rehearsal',
    application: 'sandbox',
    title: 'CDP rehearsal',
    platform: 'customer_data',
    expiresDay: 120,
    from: { platform: CDP, userAgent: 'curl/8.14.1', address: '198.51.100.24' },
  },
  {
    sender: 'sandboxShop',
    application: 'sandbox',
    title: 'QA scripts',
    platform: 'none',
    expiresDay: 90,
    from: { userAgent: 'northwind-qa/0.9', address: '198.51.100.24' },
  },
  {
    sender: 'cdp',
    application: 'shop',
    title: 'Northwind CDP',
    platform: 'customer_data',
    expiresDay: 360,
    from: { platform: CDP, userAgent: CONNECTOR, address: '203.0.113.17' },
  },
  {
    sender: 'oldTealium',
    application: 'shop',
    title: 'Tealium (set-up)',
    platform: 'customer_data',
    expiresDay: TEALIUM_EXPIRY_DAY,
    from: { platform: TEALIUM, userAgent: TEALIUM_CONNECTOR, address: '203.0.113.88' },
  },
  {
    sender: 'shop',
    application: 'shop',
    title: 'Web shop',
    platform: 'none',
    expiresDay: 210,
    from: { userAgent: 'northwind-shop/26.3', address: '198.51.100.7' },
  },
  {
    sender: 'kiosk',
    application: 'shop',
    title: 'Store kiosks',
    platform: 'none',
    readOnly: true,
    expiresDay: 34,
    from: { userAgent: 'northwind-kiosk/1.8', address: '198.51.100.61' },
  },
  {
    sender: 'backfill',
    application: 'shop',
    title: 'Nightly backfill',
    platform: 'customer_data',
    rateLimit: 5,
    expiresDay: 180,
    from: { platform: CDP, userAgent: 'python-requests/2.34', address: '203.0.113.19' },
  },
];

/** The scenes of the first hour, in order. */
export function setUpScenes(stage: Stage): Scene[] {
  const { start } = stage;
  const scenes: Scene[] = [];
  let minute = 0;
  const next = (minutes: number, play: () => Promise<void>): void => {
    minute += minutes;
    scenes.push({ time: start + minute * MINUTE_MS, play });
  };
  next(0, async () => addUser(stage, 'maya'));
  next(3, async () => signInAs(stage, 'maya'));
  next(2, async () => addApplications(stage));
  next(4, async () => addUser(stage, 'tomas', 'maya'));
  next(1, async () => addUser(stage, 'jonas', 'maya'));
  next(2, async () => signInAs(stage, 'tomas'));
  for (const attribute of ATTRIBUTES) {
    next(0.5, async () => {
      await createAttribute(coreOf(stage, 'tomas'), attribute);
    });
  }
  for (const key of KEYS) next(1, async () => addKey(stage, key));
  next(1, async () => tryOut(stage));
  for (const audience of AUDIENCES.filter((each) => existsOn(each, 0))) {
    next(0.25, async () => {
      const from = senderOf(stage, audience.platform === CDP ? 'cdp' : 'oldTealium');
      await expectAnswer(stage, audienceCreation(from, audience.id, audience.name), 201);
    });
  }
  return scenes;
}

async function addUser(stage: Stage, name: UserName, by?: UserName): Promise<void> {
  const password = generatePassword();
  const core = by === undefined ? { ...stage.core, actor: COMMAND_LINE } : coreOf(stage, by);
  const user = await createUser(core, { ...USERS[name], password, mustChangePassword: false });
  stage.cast.users.set(name, { user, password });
}

/** Somebody opens the console. */
export async function signInAs(stage: Stage, name: UserName): Promise<void> {
  const found = stage.cast.users.get(name);
  if (found === undefined) throw new Error(`The story has not met ${name} yet`);
  await signIn(stage.core, {
    email: found.user.email,
    password: found.password,
    kind: 'console',
    userAgent: BROWSER,
    address: '198.51.100.24',
  });
}

async function addApplications(stage: Stage): Promise<void> {
  const core = coreOf(stage, 'maya');
  const common = { timezone: TIMEZONE, currency: 'EUR' };
  stage.cast.applications.set(
    'shop',
    await createApplication(core, { ...common, name: 'Northwind Shop', description: 'Web shop, app and stores' }),
  );
  stage.cast.applications.set(
    'sandbox',
    await createApplication(core, {
      ...common,
      name: 'Northwind Sandbox',
      environment: 'sandbox',
      description: 'Rehearsals; no customer is harmed here',
    }),
  );
}

const ATTRIBUTES: readonly Parameters<typeof createAttribute>[1][] = [
  { name: 'FirstName', type: 'string', title: 'First name' },
  { name: 'LastName', type: 'string', title: 'Last name' },
  { name: 'Email', type: 'string', title: 'E-mail' },
  { name: 'Country', type: 'string', description: 'ISO 3166 code of the delivery address' },
  { name: 'EmailOptIn', type: 'boolean', title: 'E-mail opt-in' },
  {
    name: 'Tier',
    type: 'string',
    description: 'Loyalty tier, by orders',
    suggestions: TIERS,
    restrictedBySuggestions: true,
  },
  { name: 'LifetimeOrders', type: 'number', title: 'Lifetime orders' },
  { name: 'LifetimeValue', type: 'number', title: 'Lifetime value', description: 'In euros, net of returns' },
  { name: 'LastOrder', type: 'time', title: 'Last order' },
  { name: 'HomeStore', type: 'location', title: 'Home store' },
  { name: 'Interests', type: '(list string)', suggestions: INTERESTS },
];

async function addKey(stage: Stage, plan: KeyPlan): Promise<void> {
  const core = coreOf(stage, 'tomas');
  const { secret } = await createApiKey(core, {
    application: applicationOf(stage, plan.application),
    title: plan.title,
    platform: plan.platform,
    expires: stage.start + plan.expiresDay * DAY_MS,
    readOnly: plan.readOnly,
    rateLimit: plan.rateLimit,
  });
  stage.cast.senders.set(plan.sender, { ...plan.from, key: secret });
}

/** Another key for Tealium, replacing the expired one. */
export async function renewTealiumKey(stage: Stage): Promise<void> {
  const old = senderOf(stage, 'oldTealium');
  await addKey(stage, {
    sender: 'tealium',
    application: 'shop',
    title: 'Tealium',
    platform: 'customer_data',
    expiresDay: 190,
    from: { platform: TEALIUM, userAgent: old.userAgent, address: old.address },
  });
}

/** A key that lives only a few days. @returns its ID */
export async function addAgencyKey(stage: Stage): Promise<void> {
  await addKey(stage, {
    sender: 'agency',
    application: 'shop',
    title: 'Agency (until the campaign is set up)',
    platform: 'customer_data',
    expiresDay: 60,
    from: { platform: CDP, userAgent: 'PostmanRuntime/7.49', address: '203.0.113.140' },
  });
}

/** What every integration begins with. */
async function tryOut(stage: Stage): Promise<void> {
  const rehearsal = senderOf(stage, 'rehearsal');
  const { platform, userAgent, address } = rehearsal;
  const generic = { ...senderOf(stage, 'sandboxShop'), platform, userAgent, address };
  await expectAnswer(stage, profileUpdate(generic, 'test-1', { Tier: 'Gold' }), 401);
  await expectAnswer(stage, profileUpdate(rehearsal, 'test-1', { tier: 'Gold' }), 400);
  await expectAnswer(stage, profileUpdate(rehearsal, 'test-1', { Tier: 'Gold' }), 200);
  for (const [id, name] of [
    ['newsletter', 'Newsletter subscribers'],
    ['gold', 'Gold members'],
    ['checkout-test', 'Checkout test group'],
  ] as const) {
    await expectAnswer(stage, audienceCreation(rehearsal, id, name), 201);
  }
}

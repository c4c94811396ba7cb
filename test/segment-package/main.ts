/**
 * `npm run segment-package`: drives Segment's published destination `talon-one` against the real server, its credential test and
 * every action on audiences and profiles, with requests that must succeed and requests that must be refused. Prints a table.
 */

import { startServerProcess } from '../server-process.ts';
import { type Outcome, SegmentDestination, type Settings } from './destination.ts';
import { redirectHttps } from './redirect.ts';

/** The host that the package has in its code, and a deployment as a customer enters it. */
const FIXED_HOST = 'integration.talon.one';
const DEPLOYMENT = 'promo.example.com';

interface Profile {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly audienceMemberships: readonly { readonly name: string }[];
}

const [destinations = '', version = ''] = process.argv.slice(2);
const server = await startServerProcess({ ephemeral: true, args: ['--hostname', DEPLOYMENT] });
try {
  redirectHttps([FIXED_HOST, DEPLOYMENT], server.url);
  process.exitCode = await run(new SegmentDestination(destinations));
} finally {
  await server.stop();
}

async function ask<Body>(method: string, path: string, authorization: string, body?: object): Promise<Body> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { Authorization: authorization, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

async function segmentKey(): Promise<string> {
  const { adminEmail: email, adminPassword: password } = server;
  const { token } = await ask<{ token: string }>('POST', '/v1/sessions', '', { email, password });
  const body = { title: 'Segment', expires: '2099-06-30', platform: 'segment' };
  return (await ask<{ key: string }>('POST', '/v1/applications/1/apikeys', `Bearer ${token}`, body)).key;
}

async function profileOf(integrationId: string): Promise<Profile> {
  const path = `/v1/customer_profiles/${integrationId}/inventory?profile=true`;
  const generic = `ApiKey-v1 ${server.keys['generic'] ?? ''}`;
  return (await ask<{ profile: Profile }>('GET', path, generic)).profile;
}

async function run(destination: SegmentDestination): Promise<number> {
  const settings: Settings = { apiKey: await segmentKey(), deployment: `https://${DEPLOYMENT}` };
  const act = async (action: string, mapping: object): Promise<Outcome> => destination.act(action, settings, mapping);
  const rows: [name: string, faults: string[]][] = [];
  const row = async (name: string, check: (expect: Expect) => Promise<void>): Promise<void> => {
    const faults: string[] = [];
    await check((is, what) => {
      if (!is) faults.push(what);
    });
    rows.push([name, faults]);
  };
  const refused = (expect: Expect, { status, message }: Outcome, wanted: number, part: string): void => {
    expect(status === wanted && message.includes(part), `${status} "${message}" instead of ${wanted} "${part}"`);
  };
  const accepted = (expect: Expect, { status, message }: Outcome): void => {
    expect(status === 200, `refused: ${status} ${message}`);
  };

  await row('credential test', async (expect) => {
    accepted(expect, await destination.testCredentials(settings));
    // Segment's runtime replaces the answer by a message of its own.
    const wrong = await destination.testCredentials({ ...settings, apiKey: 'no-key' });
    expect(wrong.message !== '', 'a wrong key passed');
  });
  await row('createAudience', async (expect) => {
    const audience = { audienceId: 'aud 1', audienceName: 'First' };
    accepted(expect, await act('createAudience', audience));
    refused(expect, await act('createAudience', audience), 409, "Audience 'aud 1' already exists");
  });
  await row('updateAudience', async (expect) => {
    accepted(expect, await act('updateAudience', { audienceId: 'aud 1', audienceName: 'Renamed' }));
    const unknown = await act('updateAudience', { audienceId: 'none', audienceName: 'Renamed' });
    refused(expect, unknown, 404, "Audience 'none' not found");
  });
  await row('updateCustomerProfile', async (expect) => {
    const profile = { customerProfileId: 'v1', attributes: { SegmentPlan: 'pro', SegmentClicked: false } };
    const attributesInfo = [{ name: 'SegmentClicked', type: 'string' }];
    accepted(expect, await act('updateCustomerProfile', { ...profile, attributesInfo }));
    const { attributes } = await profileOf('v1');
    expect(attributes['SegmentPlan'] === 'pro', 'no attribute was created');
    expect(attributes['SegmentClicked'] === 'false', 'a declared type was ignored');
    const wrong = await act('updateCustomerProfile', { customerProfileId: 'v1', addAudienceIds: [987654] });
    refused(expect, wrong, 404, 'Audience 987654 not found');
  });
  await row('updateCustomerProfileV2', async (expect) => {
    const profile = { customerProfileId: 'v2', attributes: { SegmentScore: 7 }, runRuleEngine: true };
    const audiencesToAdd = [{ name: 'My Travel audience1' }, { name: 'Renamed', integrationId: 'aud 1' }];
    accepted(expect, await act('updateCustomerProfileV2', { ...profile, audiencesToAdd }));
    const joined = (await profileOf('v2')).audienceMemberships.map(({ name }) => name);
    expect(joined.join() === 'Renamed,My Travel audience1', `it is in ${joined.join()}`);
    const audiencesToDelete = [{ name: 'Renamed', integrationId: 'aud 1' }];
    accepted(expect, await act('updateCustomerProfileV2', { ...profile, audiencesToDelete }));
    const left = (await profileOf('v2')).audienceMemberships.map(({ name }) => name);
    expect(left.join() === 'My Travel audience1', `it is in ${left.join()} afterwards`);
    const wrong = await act('updateCustomerProfileV2', { ...profile, attributes: { Deep: { a: 1 } } });
    refused(expect, wrong, 400, 'its type cannot be inferred from an object');
  });
  await row('updateCustomerProfileV3', async (expect) => {
    const profile = { customerProfileId: 'v3', attributes: { SegmentPlan: 'free', NotDefined: 1 } };
    refused(expect, await act('updateCustomerProfileV3', profile), 400, "Attribute 'NotDefined' is not defined");
    accepted(expect, await act('updateCustomerProfileV3', { ...profile, skipNonExistingAttributes: true }));
    expect((await profileOf('v3')).attributes['SegmentPlan'] === 'free', 'the attribute was not set');
  });
  await row('updateCustomerProfilesAudiences', async (expect) => {
    const data = [
      { customerProfileId: 'v3', adds: [1] },
      { customerProfileId: 'v1', adds: [1], deletes: [1] },
    ];
    accepted(expect, await act('updateCustomerProfilesAudiences', { data }));
    expect((await profileOf('v3')).audienceMemberships.length === 1, 'v3 did not join');
    expect((await profileOf('v1')).audienceMemberships.length === 0, 'v1 did not leave');
    const wrong = await act('updateCustomerProfilesAudiences', { data: [{ customerProfileId: 'v1', adds: [987654] }] });
    refused(expect, wrong, 404, 'Audience 987654 not found');
  });
  await row('deleteAudience', async (expect) => {
    accepted(expect, await act('deleteAudience', { audienceId: 'aud 1' }));
    refused(expect, await act('deleteAudience', { audienceId: 'aud 1' }), 404, "Audience 'aud 1' not found");
  });
  await row('events and sessions, refused by name', async (expect) => {
    const event = { customerProfileId: 'v1', eventType: 'click', type: 'string' };
    refused(expect, await act('trackEvent', event), 404, 'segment/trackEvent is not served');
    refused(expect, await act('trackEventV2', event), 404, 'segment/trackEventV2 is not served');
    const session = { customerSessionId: 's1', callbackDestination: '', callbackAPIKey: '' };
    const first = await act('updateCustomerSession', { ...session, customerSession: {} });
    refused(expect, first, 404, 'segment/updateCustomerSession is not served');
    const second = await act('updateCustomerSessionV2', session);
    refused(expect, second, 404, 'segment/v2/updateCustomerSession is not served');
  });

  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, faults] of rows) {
    process.stdout.write(`${name.padEnd(width)}  ${faults.length === 0 ? 'ok' : `WRONG: ${faults.join('; ')}`}\n`);
  }
  const right = rows.filter(([, faults]) => faults.length === 0).length;
  process.stdout.write(`\n@segment/action-destinations ${version}: ${right} of ${rows.length}\n`);
  return right === rows.length ? 0 : 1;
}

type Expect = (is: boolean, what: string) => void;

/**
 * Ways to damage a database, one per check of `verify`.
 *
 * The database: Applications 1 (live) and 2 (sandbox); attributes 1 `Tier` and 2 `Score`; audiences 1 `a`, 2 `b`, 3 `s` (sandbox),
 * 4 `gone` (deleted), 5 `replaced` and 6 `staging`, with sets 1 to 6; set 7 replaced set 5, set 8 is staged for audience 6.
 * Profiles: 1 `p`, 2 `q`, 3 `s1` (sandbox), 4 `r`. Ledger: 1 p+a, 2 p+b, 3 q+a, 4 q-a, 5 q+a, 6 s1+s, 7 p+gone, 8 gone deleted (1),
 * 9 r+replaced, 10 replaced by p and q (2); request 1 made entries 1 and 2, each later one a single entry. Answer 1, kept under an
 * idempotency key, shows profile 1.
 */

/** [what is damaged, the SQL that does it, the checks that must fail, a part of their message] */
export type SpoiltCase = [title: string, sql: string, checks: string[], says: RegExp];

export const DEFINITIONS: SpoiltCase[] = [
  [
    'a catalog version',
    'update audiences set version = 999 where id = 1',
    ['catalog'],
    /audience 1 has version 999, expected 1 to/,
  ],
  ['the epoch', "update catalog_version set epoch = ''", ['catalog'], /no epoch/],
  [
    'the uniqueness of external IDs',
    "drop index audiences_integration_id; update audiences set integration_id = 'a' where id = 2",
    ['audiences'],
    /audiences 1,2 share the external ID 'a'/,
  ],
  [
    "an audience's namespace",
    "update audiences set integration_key = 'x' where id = 1",
    ['audiences'],
    /audience 1 is filed under platform 'x'/,
  ],
  [
    'a set in use that is to be removed',
    'insert into dead_sets values (1)',
    ['audiences'],
    /set 1 is in use by audience 1/,
  ],
  [
    'a deleted audience that is staged',
    'update audiences set staged_set = 4 where id = 4',
    ['audiences'],
    /audience 4 is deleted, yet set 4/,
  ],
  [
    'an audience with a set of another',
    'update audiences set staged_set = 8 where id = 1',
    ['audiences'],
    /audience 6 uses set 8, which is in use by audience 1/,
  ],
  ['JSON of a definition', "update attributes set suggestions = '[' where id = 1", ['json'], /attribute 1 'Tier'/],
  [
    'a list of texts',
    "update attributes set suggestions = '[1]' where id = 1",
    ['json'],
    /suggestions is not a list of texts/,
  ],
  [
    "an audience's list of numbers",
    'update audiences set application_ids = \'["1"]\' where id = 1',
    ['json'],
    /audience 1: application_ids/,
  ],
  [
    'an Application of an audience',
    "update audiences set application_ids = '[9]' where id = 2",
    ['references'],
    /audience 2 names Application 9/,
  ],
  [
    'an Application of an attribute',
    "update attributes set application_ids = '[9]' where id = 2",
    ['references'],
    /attribute 2 'Score' names Application 9/,
  ],
  [
    'the Application of a key',
    'update api_keys set application_id = 9',
    ['references'],
    /API key 1 belongs to Application 9/,
  ],
  [
    'the user of a session',
    "insert into sessions (user_id, kind, hash, created, last_seen, expires, user_agent, address) values (9, 'api', x'00', 1, 1, 1, '', '')",
    ['references'],
    /session 1 belongs to user 9/,
  ],
  [
    'the user of a known browser',
    "insert into devices (hash, user_id, expires) values (x'00', 9, 1)",
    ['references'],
    /a known browser belongs to user 9/,
  ],
  [
    'what a management key was granted',
    "insert into management_keys (name, hash, prefix, suffix, endpoints, application_ids, expires, created, created_by, disabled) values ('k', x'00', '', '', '[{}]', '[9]', 1, 1, 9, 0)",
    ['json', 'references'],
    /management key 1: endpoints is not a list|management key 1 names Application 9/,
  ],
  [
    'a state in the audit log',
    "update audit_entries set new = '{' where id = 1",
    ['json'],
    /audit entry 1: the state before or after/,
  ],
  [
    'the Application of a profile',
    'insert into application_profiles values (9, 1)',
    ['counters', 'references'],
    /profile 1 with Application 9: there is no such Application/,
  ],
  [
    'the profile of an Application',
    'insert into application_profiles values (1, 99)',
    ['counters', 'references'],
    /profile 99 with Application 1: there is no such profile/,
  ],
  [
    'the environment of a connection',
    'insert into application_profiles values (2, 1)',
    ['counters', 'environments'],
    /profile 1 with Application 2 crosses/,
  ],
  [
    'the number of profiles an Application has seen',
    'update application_profile_counts set profiles = 7 where application_id = 2',
    ['counters'],
    /Application 2 has seen 1 profiles, but its counter says 7/,
  ],
  [
    'a list of allowed values that is forgotten',
    "insert into allowed_values values (5, 'gold'); update sequences set next = 6 where name = 'allowed_list'",
    ['references'],
    /list 5 of allowed values is no attribute's and not marked for removal/,
  ],
  [
    'a list in use that is to be removed',
    "update attributes set allowed_list = 5 where id = 1; insert into dead_allowed_lists values (5); update sequences set next = 6 where name = 'allowed_list'",
    ['references'],
    /list 5 of allowed values is in use by attribute 1, yet marked for removal/,
  ],
  [
    'sequence allowed_list',
    'update attributes set staged_list = 5 where id = 1',
    ['sequences'],
    /sequence allowed_list gives 1 next, but 5 is used/,
  ],
  [
    'an environment',
    'update audiences set environment = 7 where id = 4',
    ['environments'],
    /audience 4 is in environment 7/,
  ],
  ...['profile', 'audience', 'member_set', 'request', 'change'].map(
    (name): SpoiltCase => [
      `sequence ${name}`,
      `update sequences set next = 1 where name = '${name}'`,
      ['sequences'],
      /gives 1 next/,
    ],
  ),
  [
    'a sequence that is gone',
    "delete from sequences where name = 'request'",
    ['sequences'],
    /sequence request is missing/,
  ],
];

export const MEMBERS: SpoiltCase[] = [
  [
    'a row of a staged set',
    'delete from members where member_set = 8 and profile_id = 1',
    ['members'],
    /profile 1 \('p'\) lists set 8 of audience 6, which does not hold it/,
  ],
  [
    'a row of a live set',
    'delete from members where member_set = 2',
    ['counters', 'history', 'members'],
    /profile 1 \('p'\) lists set 2 of audience 2, which does not hold it/,
  ],
  [
    'a row that no list has',
    'insert into members values (8, 4)',
    ['members'],
    /set 8 of audience 6 holds profile 4 \('r'\), which does not list it/,
  ],
  [
    'a row of nobody',
    'insert into members values (8, 99)',
    ['members'],
    /set 8 of audience 6 holds profile 99, which does not exist/,
  ],
  [
    'a row in the place of another',
    'delete from members where member_set = 8 and profile_id = 1; insert into members values (8, 4)',
    ['members'],
    /holds profile 4 \('r'\)/,
  ],
  [
    'a set listed twice',
    "update profiles set sets = '[3,3]' where id = 3",
    ['members'],
    /profile 3 \('s1'\) lists set 3 twice/,
  ],
  [
    'an orphaned set',
    "insert into members values (50, 1); update sequences set next = 51 where name = 'member_set'",
    ['members'],
    /set 50 holds 1 members, but no audience/,
  ],
  ['a dead set that is forgotten', 'delete from dead_sets where member_set = 4', ['members'], /set 4 holds 1 members/],
  [
    'a list above the sequence',
    "update profiles set sets = '[77]' where id = 4",
    ['sequences'],
    /profile 4 \('r'\) lists set 77/,
  ],
  ['JSON of a list', "update profiles set sets = '[' where id = 1", ['json'], /profile 1 \('p'\): sets is not a list/],
  [
    'numbers of a list',
    "update profiles set sets = '[1.5]' where id = 1",
    ['json', 'members'],
    /sets is not a list of numbers/,
  ],
  [
    'JSON of attributes',
    "update profiles set attributes = '[]' where id = 1",
    ['json', 'values'],
    /attributes is not an object/,
  ],
  [
    'the type of an attribute',
    `update profiles set attributes = '{"Tier":5}' where id = 1`,
    ['attributes', 'values'],
    /profile 1 \('p'\): Attribute 'Tier' expects a string/,
  ],
  [
    'an attribute without definition',
    `update profiles set attributes = '{"Odd":5}' where id = 1`,
    ['attributes', 'values'],
    /has attribute 'Odd', which is not defined/,
  ],
  [
    'a value that cannot be found',
    'delete from attribute_values where attribute_id = 1',
    ['values'],
    /profile 1 \('p'\) is not filed under its value of 'Tier'/,
  ],
  [
    'a value filed under another',
    'update attribute_values set value = value + 1 where attribute_id = 2',
    ['values'],
    /profile 1 \('p'\) is filed under a value of attribute 2 it does not have/,
  ],
  [
    'a value of nobody',
    'insert into attribute_values values (0, 1, 5, 99)',
    ['values'],
    /profile 99 is filed under a value of attribute 1/,
  ],
  [
    'a value of the other environment',
    'insert into attribute_values select 1, attribute_id, value, profile_id from attribute_values',
    ['values'],
    /profile 1 \('p'\) is filed under a value of attribute 1/,
  ],
  [
    "a profile's environment",
    'update profiles set environment = 1 where id = 2',
    ['environments'],
    /profile 2 \('q'\) is in set 1 of audience 1, of the other environment/,
  ],
  [
    'a counter',
    'update audience_counters set members = members + 1 where audience_id = 1',
    ['counters'],
    /audience 1 counts 3 members, expected 2/,
  ],
  [
    "a deleted audience's counter",
    'update audience_counters set members = 2 where audience_id = 4',
    ['counters'],
    /audience 4 \(deleted\) counts 2 members, expected 0/,
  ],
  [
    "nobody's counter",
    'insert into audience_counters values (99, 0, 1, 1, 1)',
    ['counters'],
    /audience 99, which never existed, counts 1/,
  ],
  [
    'counters of several slots',
    'insert into audience_counters values (1, 1, -1, 1, 1)',
    ['counters'],
    /audience 1 counts 1 members, expected 2/,
  ],
];

export const LEDGER: SpoiltCase[] = [
  [
    'hourly joins',
    'update audience_hours set joins = joins + 1 where audience_id = 2',
    ['hours'],
    /audience 2 shows 2 joins and 0 leaves over all hours, expected 1 and 0/,
  ],
  [
    'hourly leaves',
    'update audience_hours set leaves = 0 where audience_id = 4',
    ['hours'],
    /audience 4 shows 1 joins and 0 leaves/,
  ],
  [
    'the request of an entry',
    'update membership_changes set request_id = 1 where id = 3',
    ['requests'],
    /entry 3 belongs to request 1, but lies in the range of request 2/,
  ],
  [
    'a request',
    'delete from requests where id = 3',
    ['requests'],
    /entry 4 belongs to request 3, but lies in the range of request 2/,
  ],
  [
    "a request's first entry",
    'update requests set first_change = 4 where id = 4',
    ['requests'],
    /request 4 starts at entry 4, not after request 3 at 4/,
  ],
  [
    'a request without entries',
    "insert into requests (id, uuid, key_id, time, first_change) select next, uuid, key_id, time, 50 from requests, sequences where name = 'request' and id = 1; update sequences set next = next + 1 where name = 'request'",
    ['requests'],
    /starts at entry 50, which does not exist/,
  ],
  [
    'a lost entry',
    'delete from membership_changes where id = 4',
    ['chains', 'history', 'hours', 'ledger'],
    /entries 4 to 4 are missing/,
  ],
  [
    'a lost last entry',
    'delete from membership_changes where id = 10',
    ['history', 'hours', 'ledger', 'requests'],
    /entries 10 to 10 are missing/,
  ],
  [
    'the count of a deletion',
    'update membership_changes set count = 5 where id = 8; update audience_hours set leaves = 5 where audience_id = 4',
    ['ledger'],
    /entry 8 counts 5 members of audience 4, expected 1/,
  ],
  [
    'the count of a replacement',
    'update membership_changes set count = 3 where id = 10',
    ['history', 'ledger'],
    /entry 10 counts 3 members of audience 5, expected 2/,
  ],
  [
    'the count of an entry',
    'update membership_changes set count = 2 where id = 1',
    ['ledger'],
    /entry 1 has action 1, profile 1 and count 2/,
  ],
  [
    'an action',
    'update membership_changes set action = 9 where id = 8; update audience_hours set leaves = 0 where audience_id = 4',
    ['history', 'ledger'],
    /entry 8 has action 9, which does not exist/,
  ],
  [
    'an audience in the ledger',
    'update membership_changes set audience_id = 99 where id = 2',
    ['history', 'hours', 'ledger'],
    /entry 2 names audience 99/,
  ],
  [
    'a profile in the ledger',
    'update membership_changes set profile_id = 99 where id = 9',
    ['chains', 'history', 'ledger'],
    /entry 9 is of profile 99, which does not exist/,
  ],
  [
    'the details of a replacement',
    'delete from replacements',
    ['history', 'hours', 'ledger'],
    /entry 10 replaced audience 5, but its details are missing/,
  ],
  [
    'details of nothing',
    'insert into replacement_changes values (2, 1, 1)',
    ['ledger'],
    /details of set 2 belong to no replacement/,
  ],
  [
    'details of an entry that replaced nothing',
    'insert into replacements values (2, 3)',
    ['ledger'],
    /details of set 2 belong to entry 3, which replaced nothing/,
  ],
  [
    'a link of a chain',
    'update membership_changes set previous = 3 where id = 5',
    ['chains'],
    /entry 5 of profile 2 \('q'\) follows entry 3, expected 4/,
  ],
  [
    'the start of a chain',
    'update membership_changes set previous = 1 where id = 3',
    ['chains'],
    /entry 3 of profile 2 \('q'\) follows entry 1, expected 0/,
  ],
  [
    'the end of a chain',
    'update profiles set last_change = 4 where id = 2',
    ['chains'],
    /last entry of profile 2 \('q'\) is said to be 4, expected 5/,
  ],
  [
    'the order of joins and leaves',
    'update membership_changes set action = 3 - action where id in (4, 5)',
    ['history'],
    /entry 4: profile 2 \('q'\) joined audience 1, but was in it already/,
  ],
  [
    'where the ledger ends',
    'update membership_changes set profile_id = 4 where id = 2; update membership_changes set previous = 0 where id = 2; update membership_changes set previous = 1 where id = 7; update membership_changes set previous = 2 where id = 9',
    ['history'],
    /profile 1 \('p'\) is in audience 2, but by the ledger not in it/,
  ],
  [
    'a replacement that took in who was in',
    'update replacement_changes set action = 1 where profile_id = 4; update membership_changes set count = 4 where id = 10',
    ['history', 'hours'],
    /entry 10: profile 4 \('r'\) joined audience 5, but was in it already/,
  ],
];

export const ERASURES: SpoiltCase[] = [
  ['a lost key of pseudonyms', 'delete from erasure_key', ['erasures'], /there are 0 keys of pseudonyms/],
  ['a second key', 'insert into erasure_key values (randomblob(32))', ['erasures'], /there are 2 keys/],
  ['a short key', 'update erasure_key set key = randomblob(16)', ['erasures'], /expected one of 32 bytes/],
  [
    'another key',
    'update erasure_key set key = randomblob(32)',
    ['erasures'],
    /profile \d+ is not the one whose erasure is unfinished/,
  ],
  [
    'an unfinished erasure of nobody',
    'update unfinished_erasures set profile_id = 99',
    ['erasures'],
    /profile 99 is not the one/,
  ],
  [
    'an ID in an erased profile',
    "delete from unfinished_erasures; update profiles set integration_id = 'ada' where environment >= 2",
    ['erasures'],
    /erased profile \d+ has an ID in place of its pseudonym/,
  ],
  [
    'an erased profile that is not empty',
    `update profiles set attributes = '{"Tier":"gold"}' where environment >= 2`,
    ['erasures', 'values'],
    /is erased, but not empty/,
  ],
  [
    'an unknown environment',
    'update profiles set environment = 4 where environment >= 2',
    ['environments'],
    /in environment 4/,
  ],
];

export const ANSWERS: SpoiltCase[] = [
  [
    'the size of all answers',
    'update idempotent_answers_size set bytes = bytes + 1',
    ['answers'],
    /kept answers take \d+ bytes, but their size says \d+/,
  ],
  ['a lost size', 'delete from idempotent_answers_size', ['answers'], /but their size says nothing/],
  [
    'an answer whose profiles stay',
    'update idempotent_answers_size set bytes = 0; delete from idempotent_answers',
    ['answers'],
    /profile 1 is in answer 1, which does not exist/,
  ],
  [
    'a profile of an answer',
    'update idempotent_answer_profiles set profile_id = 99',
    ['answers'],
    /answer 1 shows profile 99, which does not exist/,
  ],
  ...['verdicts', 'reasons'].map(
    (column): SpoiltCase => [
      `the ${column} of an answer`,
      `update idempotent_answers set ${column} = '{}'`,
      ['answers'],
      /answer 1: its verdicts or their reasons are not a list/,
    ],
  ),
  ...['[', '[]', 'null'].map(
    (content): SpoiltCase => [
      `what an answer says: ${content}`,
      `update idempotent_answer_profiles set content = '${content}'`,
      ['answers'],
      /answer 1: what it says of profile 1 is not an object/,
    ],
  ),
];

const JOB = `insert into attribute_jobs
  (id, audience_id, member_set, attributes, recorded, request_uuid, members, position, done, finished)
  values`;

export const ATTRIBUTE_JOBS: SpoiltCase[] = [
  ['a job number', `${JOB} (1, 1, 1, '{}', 1, 'u', 1, 0, 1, 2)`, ['sequences'], /attribute_job gives 1 next, but 1/],
  [
    "a profile's job",
    'update profiles set attribute_job = 7 where id = 2',
    ['sequences'],
    /attribute_job gives 1 next, but 7/,
  ],
  ...(
    [
      ['the audience of a job', "99, 1, '{}', 1, 'u', 1, 0, 0, 2", 'references', /job 1 is of audience 99/],
      ['JSON of a job', "1, 1, '[', 1, 'u', 1, 0, 0, 2", 'json', /job 1: attributes is not an object/],
      ['what a job sets', `1, 1, '{"Nope":1}', 1, 'u', 1, 0, 0, null`, 'attributes', /sets attribute 'Nope'/],
      ['the progress of a job', "1, 1, '{}', 1, 'u', 1, 0, 2, null", 'attribute jobs', /written to 2 of 1 members/],
      ['a finished job', `1, 1, '{"Tier":"x"}', 1, 'u', 1, 0, 1, 2`, 'attribute jobs', /finished, yet holds values/],
      ['the set of a job', "1, 77, '{}', 1, 'u', 1, 0, 0, null", 'attribute jobs', /set 77, whose members are gone/],
      ['a member passed over', "1, 1, '{}', 1, 'u', 2, 1, 1, null", 'attribute jobs', /passed over profile 1/],
    ] as const
  ).map(
    ([title, values, check, says]): SpoiltCase => [
      title,
      `${JOB} (1, ${values}); update sequences set next = 2 where name = 'attribute_job'`,
      [check],
      says,
    ],
  ),
];

export const PRUNED: SpoiltCase[] = [
  [
    'an entry that should be gone',
    'insert into membership_changes select 3, 1, 1, 2, 1, 1, 0',
    ['ledger'],
    /entry 3 lies below the baseline 5/,
  ],
  [
    'the first entry kept',
    'delete from membership_changes where id = 5',
    ['chains', 'ledger'],
    /entries 5 to 5 are missing/,
  ],
  [
    'the end of a chain above the baseline',
    'update profiles set last_change = 6 where id = 4',
    ['chains'],
    /last entry of profile 4 \('r'\) is said to be 6, expected 9/,
  ],
  [
    'a membership the kept ledger denies',
    "insert into membership_changes values (11, 9, 2, null, 4, 1, 0); update sequences set next = 12 where name = 'change'",
    ['history'],
    /profile 1 \('p'\) is in audience 2, but by the ledger up to entry 11 not in it/,
  ],
  [
    'a counter, still',
    'update audience_counters set members = 0 where audience_id = 1',
    ['counters'],
    /audience 1 counts 0 members, expected 2/,
  ],
];

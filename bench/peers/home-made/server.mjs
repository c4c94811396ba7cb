// The home-made version: two routes of Express over PostgreSQL, with a transaction for each update, as many would write
// it first. Takes the URL of an empty database, the number of profiles, memberships of each and audiences, and the keys.
import express from 'express';
import pg from 'pg';

const [url, profiles, memberships, audiences, ...keys] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 20 });

await pool.query(`
  create table profiles (
    id bigint generated always as identity primary key,
    integration_id text not null unique,
    attributes jsonb not null default '{}',
    last_activity timestamptz not null default now());
  create table audiences (id int primary key, integration_id text not null unique, name text not null);
  create table memberships (
    profile_id bigint not null references profiles, audience_id int not null references audiences,
    primary key (profile_id, audience_id));
  create index on memberships (audience_id);`);
await pool.query(
  `insert into audiences select n, 'audience-' || n, 'Audience ' || n from generate_series(1, $1::int) n`,
  [audiences],
);
await pool.query(`insert into profiles (integration_id) select 'p' || n from generate_series(0, $1::int - 1) n`, [
  profiles,
]);
await pool.query(
  `insert into memberships select id, 1 + (id + place * 11) % $2 from profiles, generate_series(1, $1::int) place`,
  [memberships, audiences],
);
await pool.query('vacuum analyze');

const AUDIENCES_OF = `select a.id, a.integration_id as "integrationId", a.name
  from memberships m join audiences a on a.id = m.audience_id where m.profile_id = $1 order by a.id`;

const app = express();
app.disable('x-powered-by');
app.use((request, response, next) => {
  const key = request.get('authorization')?.replace('ApiKey-v1 ', '');
  if (keys.includes(key)) next();
  else response.status(401).json({ error: 'unknown key' });
});

app.put('/cdp/customer_profile/:id', express.json(), async (request, response) => {
  const { attributes = {}, audiencesChanges = {} } = request.body;
  const { adds = [], deletes = [] } = audiencesChanges;
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query(
      `insert into profiles (integration_id, attributes) values ($1, $2)
       on conflict (integration_id) do update
         set attributes = profiles.attributes || excluded.attributes, last_activity = now()
       returning id, attributes, last_activity`,
      [request.params.id, attributes],
    );
    const [profile] = rows;
    await client.query('insert into memberships select $1, unnest($2::int[]) on conflict do nothing', [
      profile.id,
      adds,
    ]);
    await client.query('delete from memberships where profile_id = $1 and audience_id = any($2::int[])', [
      profile.id,
      deletes,
    ]);
    const { rows: audienceMemberships } = await client.query(AUDIENCES_OF, [profile.id]);
    await client.query('commit');
    response.json({
      customerProfile: {
        id: profile.id,
        integrationId: request.params.id,
        attributes: profile.attributes,
        lastActivity: profile.last_activity,
        audienceMemberships,
      },
    });
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
});

app.get('/v1/customer_profiles/:id/audiences', async (request, response) => {
  const { rows } = await pool.query('select id from profiles where integration_id = $1', [request.params.id]);
  const { rows: data } = rows.length === 0 ? { rows: [] } : await pool.query(AUDIENCES_OF, [rows[0].id]);
  response.json({ data });
});

const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
});

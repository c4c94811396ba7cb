-- oldest-program: 7
-- Attributes for everyone in an audience, written to the profiles step by step.

-- `attributes`: JSON; null removes a value. When a job is finished, all values become null, because they are no longer
-- needed. member_set is kept until then, even if it is dead. position: the last processed profile of the set. arrived:
-- see `AttributeJob`.
create table attribute_jobs (
  id integer primary key,
  audience_id integer not null,
  member_set integer not null,
  attributes text not null,
  recorded integer not null,
  arrived integer,
  request_uuid text not null,
  key_id integer,
  members integer not null,
  position integer not null default 0,
  done integer not null default 0,
  too_large integer not null default 0,
  finished integer
) strict;
create index attribute_jobs_pending on attribute_jobs (id) where finished is null;
insert into sequences values ('attribute_job', 1);

-- The newest job the profile is up to date with, among those pending when it was last written.
alter table profiles add column attribute_job integer not null default 0;

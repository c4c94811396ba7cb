-- oldest-program: 6
-- Answers to requests with an idempotency key, which are returned again when the request is repeated. Older programs
-- would not erase a person from them.

create table idempotent_answers (
  id integer primary key,
  -- Hash of the key, its owner, and what it is used for.
  scope blob not null unique,
  -- Hash of the request.
  fingerprint blob not null,
  -- When the request was applied.
  time integer not null,
  -- The size of the answer when it was stored.
  bytes integer not null
) strict;
create index idempotent_answers_time on idempotent_answers (time);
-- The profiles in an answer, by their position in it. `content`: their attributes and memberships; null in an answer
-- that was too large, and for a person who has been erased since.
create table idempotent_answer_profiles (
  answer_id integer not null,
  place integer not null,
  profile_id integer not null,
  created integer not null,
  last_activity integer not null,
  content text,
  primary key (answer_id, place)
) strict;
create index idempotent_answer_profiles_content on idempotent_answer_profiles (profile_id) where content is not null;
-- One row: the total size of all answers, in bytes.
create table idempotent_answers_size (bytes integer not null) strict;
insert into idempotent_answers_size values (0);

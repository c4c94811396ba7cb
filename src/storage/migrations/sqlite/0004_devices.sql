-- oldest-program: 2
-- Lets people in whom somebody else's wrong guesses would keep out.

-- Browsers in which a user signed in. Only the hash of the token in their cookie is kept.
create table devices (
  hash blob primary key,
  user_id integer not null,
  expires integer not null
) strict, without rowid;
create index devices_user on devices (user_id);

-- Until when wrong passwords that were counted do not stop the user, in ms since the epoch: `rollcall user unlock`.
alter table users add column unlocked_until integer;

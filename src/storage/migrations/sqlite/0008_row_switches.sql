-- oldest-program: 8
-- Verdicts on the rows of requests: what a key says for callers that cannot send headers, and verdicts in kept answers. Programs
-- before this one would leave in those what they say of a person who is erased.

-- The checksums of keys cover these, so those from before go.
alter table api_keys add column lenient_rows integer not null default 0;
alter table api_keys add column row_reports integer not null default 0;
alter table api_keys add column skip_undefined_attributes integer not null default 0;
delete from row_checksums where table_name = 'api_keys';
-- Both as JSON. `reasons` of the refused rows: null where they were too large, and where somebody was erased since.
alter table idempotent_answers add column verdicts text;
alter table idempotent_answers add column reasons text;
create index idempotent_answers_reasons on idempotent_answers (id) where reasons is not null;

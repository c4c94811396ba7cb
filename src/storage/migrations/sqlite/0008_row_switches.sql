-- oldest-program: 8
-- Verdicts on the rows of requests: options of keys for callers that cannot send headers, and
-- verdicts in kept answers. Older programs would not erase a person from these.

-- The checksums of keys cover these columns, so existing ones are removed.
alter table api_keys add column lenient_rows integer not null default 0;
alter table api_keys add column row_reports integer not null default 0;
alter table api_keys add column skip_undefined_attributes integer not null default 0;
delete from row_checksums where table_name = 'api_keys';
-- Both as JSON. `reasons` of the refused rows: null if they were too large, or if somebody has been erased since.
alter table idempotent_answers add column verdicts text;
alter table idempotent_answers add column reasons text;
create index idempotent_answers_reasons on idempotent_answers (id) where reasons is not null;

create schema if not exists snafu authorization snafu_owner;
set local role snafu_owner;

create table if not exists snafu.schema_version (version int not null);
insert into snafu.schema_version select 1 where not exists (select from snafu.schema_version);

-- One row per attempt to fix the records of a plan.
create table if not exists snafu.freezes (
  id int generated always as identity primary key,
  install bytea not null,
  ref text not null,
  attempt int not null,
  target text not null,
  fingerprint bytea not null,
  at timestamptz not null,
  unique (install, ref, attempt)
);

-- Evidence that lies outside this database: a backup's copy, a file.
create table if not exists snafu.staged_rows (
  freeze_id int not null references snafu.freezes,
  key text[] not null,
  initial text[],
  desired text[],
  confidence smallint not null,
  evidence text,
  part text,
  candidates int,
  primary key (freeze_id, key)
);
alter table snafu.staged_rows add column if not exists part text, add column if not exists candidates int;

-- The records a plan is about, one record in one cohort, in the order in which
-- a run walks them.
create table if not exists snafu.frozen_rows (
  freeze_id int not null references snafu.freezes,
  ord bigint not null,
  cohort smallint not null,
  class smallint not null,
  key text[] not null,
  initial text[],
  error text[],
  desired text[],
  mark text,
  version text,
  primary key (freeze_id, ord),
  unique (freeze_id, key)
);

-- Who owns a run: every batch first finds its epoch here, under a lock.
create table if not exists snafu.runs (
  run int primary key references snafu.freezes,
  epoch bigint not null,
  holder text not null
);

create table if not exists snafu.batches (
  run int not null references snafu.runs,
  number int not null,
  lo bigint not null,
  hi bigint not null,
  counts jsonb not null,
  digest bytea not null,
  at timestamptz not null,
  primary key (run, number)
);

-- What became of each record. Written together with the change itself.
create table if not exists snafu.ledger (
  run int not null,
  ord bigint not null,
  batch int not null,
  outcome smallint not null,
  seen text[],
  note text,
  primary key (run, ord)
);

-- Exactly which records were put back, before and after.
create or replace view snafu.fixed as
  select l.run, l.ord, f.cohort, f.key, f.error as before, f.desired as after, b.at, l.batch
    from snafu.ledger l
    join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord
    join snafu.batches b on b.run = l.run and b.number = l.batch
   where l.outcome = 1;

grant usage on schema snafu to snafu_exec, snafu_count;
grant select on all tables in schema snafu to snafu_exec, snafu_count;
grant insert on snafu.freezes, snafu.staged_rows, snafu.frozen_rows, snafu.runs, snafu.batches, snafu.ledger to snafu_exec;
grant update (epoch, holder) on snafu.runs to snafu_exec;

reset role;

-- +goose Up

-- What an incident is about: a run, a table, the columns it spoilt. A new pick
-- is a new row; the newest one holds. Measurements and decisions belong to one
-- pick, so a number never outlives the question it answers.
create table scopes (
    incident bigint      not null references incidents,
    number   int         not null check (number > 0),
    scope    jsonb       not null,
    by       text        not null collate "C",
    at       timestamptz not null,
    primary key (incident, number)
);

-- One measurement is one snapshot of the source: groups of equal records with
-- their counts, never a record.
create table measurements (
    id       bigint      generated always as identity primary key,
    incident bigint      not null,
    scope    int         not null,
    groups   jsonb       not null,
    read_at  timestamptz not null,
    at       timestamptz not null,
    foreign key (incident, scope) references scopes (incident, number)
);
create index measurements_newest on measurements (incident, scope, id desc);

-- What the records of one cohort should be. A changed mind is a new row.
create table decisions (
    id       bigint      generated always as identity primary key,
    incident bigint      not null,
    scope    int         not null,
    pair     jsonb       not null,
    decision jsonb       not null,
    by       text        not null collate "C",
    at       timestamptz not null,
    foreign key (incident, scope) references scopes (incident, number)
);
create index decisions_newest on decisions (incident, scope, pair, id desc);

grant select on scopes, measurements, decisions to snafu_app;
grant insert (incident, number, scope, by, at) on scopes to snafu_app;
grant insert (incident, scope, groups, read_at, at) on measurements to snafu_app;
grant insert (incident, scope, pair, decision, by, at) on decisions to snafu_app;

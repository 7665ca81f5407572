-- +goose Up

-- A count repeated on a schedule, of the run that was picked. Each watch is a
-- row for ever; at most one of an incident goes on.
create table watches (
    id         bigint      generated always as identity primary key,
    incident   bigint      not null,
    scope      int         not null,
    every_ms   bigint      not null check (every_ms > 0),
    started_by text        not null collate "C",
    started_at timestamptz not null,
    until      timestamptz not null,
    next_at    timestamptz not null, -- of the count to come
    ticks      bigint      not null default 0,
    away_since timestamptz,          -- the source does not answer since then
    slow       boolean     not null default false,
    ended_at   timestamptz,
    ended_why  text        not null default '' check (ended_why in ('', 'time', 'asked', 'replaced', 'over')),
    foreign key (incident, scope) references scopes (incident, number),
    check ((ended_at is null) = (ended_why = ''))
);
create unique index watches_one_goes_on on watches (incident) where ended_at is null;
create index watches_due on watches (next_at) where ended_at is null;

-- How long a run has not grown, and since when it grows.
alter table incidents
    add column count_equal   bigint not null default 0,
    add column count_from    bigint not null default 0,
    add column count_from_at timestamptz;

grant select on watches to snafu_app;
grant insert (incident, scope, every_ms, started_by, started_at, until, next_at) on watches to snafu_app;
grant update (every_ms, until, next_at, ticks, away_since, slow, ended_at, ended_why) on watches to snafu_app;
grant update (count_equal, count_from, count_from_at) on incidents to snafu_app;

-- +goose Up

-- A named count that is asked again on a schedule. Each is a row for ever; at
-- most one of an incident asks the same.
create table named_watches (
    id         bigint      generated always as identity primary key,
    incident   bigint      not null references incidents,
    source     text        not null,
    name       text        not null,
    digest     text        not null, -- of the text that was meant
    params     jsonb       not null,
    label      text        not null, -- the name with its values, as people type it
    every_ms   bigint      not null check (every_ms > 0),
    started_by text        not null collate "C",
    started_at timestamptz not null,
    until      timestamptz not null,
    next_at    timestamptz not null, -- of the count to come
    ticks      bigint      not null default 0,
    found      int,                  -- number of the count that found what was told last
    since      timestamptz,          -- instant of that count
    seen_at    timestamptz,          -- instant of the last count
    away_since timestamptz,          -- the source does not answer since then
    ended_at   timestamptz,
    ended_why  text        not null default '' check (ended_why in ('', 'time', 'asked', 'changed', 'over')),
    check ((ended_at is null) = (ended_why = '')),
    foreign key (incident, found) references counted (incident, number)
);
create unique index named_watches_one_asks on named_watches (incident, source, label) where ended_at is null;
create index named_watches_due on named_watches (next_at) where ended_at is null;

grant select on named_watches to snafu_app;
grant insert (incident, source, name, digest, params, label, every_ms, started_by, started_at, until, next_at) on named_watches to snafu_app;
grant update (every_ms, until, next_at, ticks, found, since, seen_at, away_since, ended_at, ended_why) on named_watches to snafu_app;

-- +goose Up

-- Somebody else on call for a while. A cover is never changed, only taken and
-- cancelled. Without a person it is asked for, and changes nothing yet.
create table covers (
    id           bigint      generated always as identity primary key,
    rota         text        not null check (rota <> ''),
    person       text        not null collate "C",
    from_at      timestamptz not null,
    to_at        timestamptz not null check (to_at > from_at),
    why          text        not null,
    by           text        not null collate "C",
    made_at      timestamptz not null,
    taken_at     timestamptz,
    cancelled_at timestamptz,
    cancelled_by text        not null default '' collate "C",
    channel      text        not null default '', -- where anyone was asked
    ts           text        not null default '',
    constraint covers_taken_by_somebody check ((taken_at is null) = (person = ''))
);
create index covers_to_come on covers (to_at) where cancelled_at is null;

-- The last good copy of the calendar that a rota is kept in.
create table calendars (
    rota       text        primary key,
    body       bytea,                      -- null before the first good copy
    good_at    timestamptz,
    tried_at   timestamptz not null,
    problem    text        not null default '', -- why the last try brought none
    told_at    timestamptz,                -- its keepers were told that it is old
    constraint calendars_good check ((body is null) = (good_at is null))
);

grant select on covers, calendars to snafu_app;
grant insert (rota, person, from_at, to_at, why, by, made_at, taken_at) on covers to snafu_app;
grant update (person, taken_at, cancelled_at, cancelled_by, channel, ts) on covers to snafu_app;
grant insert, update (body, good_at, tried_at, problem, told_at) on calendars to snafu_app;

-- +goose Up

-- Wishes to switch a risky automation off. Nothing is switched before a second
-- person has confirmed one, in time.
create table automation_seconds (
    id         bigint      generated always as identity primary key,
    incident   bigint      not null references incidents,
    source     text        not null check (source <> ''),
    name       text        not null check (name <> ''),
    title      text        not null check (title <> ''),
    asked_by   text        not null collate "C" check (asked_by <> '' and asked_by not like 'system:%'),
    asked_at   timestamptz not null,
    expires_at timestamptz not null,
    state      text        not null default 'waiting' check (state in ('waiting', 'confirmed', 'expired')),
    second_by  text        collate "C" check (second_by <> '' and second_by not like 'system:%'),
    ended_at   timestamptz,
    constraint automation_seconds_two check (second_by <> asked_by),
    constraint automation_seconds_confirmed check ((state = 'confirmed') = (second_by is not null)),
    constraint automation_seconds_ended check ((state = 'waiting') = (ended_at is null)),
    constraint automation_seconds_in_time check (state <> 'confirmed' or ended_at < expires_at)
);
create unique index automation_seconds_one_waits on automation_seconds (incident, source, name) where state = 'waiting';

grant select on automation_seconds to snafu_app, snafu_verify;
grant insert (incident, source, name, title, asked_by, asked_at, expires_at) on automation_seconds to snafu_app;
grant update (state, second_by, ended_at) on automation_seconds to snafu_app;

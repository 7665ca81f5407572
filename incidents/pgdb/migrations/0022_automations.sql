-- +goose Up

-- What works by itself in a source and was switched off for an incident, with the
-- state it had before: it gets that back, and never another one.
create table automations (
	id        bigint      generated always as identity primary key,
	incident  bigint      not null references incidents,
	source    text        not null check (source <> ''),
	name      text        not null check (name <> ''),
	title     text        not null check (title <> ''), -- as it was declared then
	manual    boolean     not null, -- a person switches it
	stage     text        not null check (stage in ('switching', 'off', 'releasing', 'released', 'failed')),
	before    text        check (before in ('on', 'off')),
	asked_by  text        not null collate "C" check (asked_by <> '' and asked_by not like 'system:%'),
	asked_at  timestamptz not null,
	off_at    timestamptz,
	free_by   text        collate "C" check (free_by <> '' and free_by not like 'system:%'),
	free_why  text,
	free_at   timestamptz,
	ended_at  timestamptz,
	check (stage not in ('off', 'releasing', 'released') or before is not null and off_at is not null),
	check (stage not in ('releasing', 'released') or free_by is not null and free_at is not null),
	check ((stage in ('released', 'failed')) = (ended_at is not null))
);
-- One wish of an incident about one automation at a time, and one move of it at
-- all: two that cross each other would lose the state before, or let it work while
-- somebody relies on its being off.
create unique index automations_one_of_incident on automations (incident, source, name) where stage in ('switching', 'off', 'releasing');
create unique index automations_one_moves on automations (source, name) where stage in ('switching', 'releasing');

grant select on automations to snafu_app, snafu_verify;
grant insert (incident, source, name, title, manual, stage, asked_by, asked_at) on automations to snafu_app;
grant update (stage, before, off_at, free_by, free_why, free_at, ended_at) on automations to snafu_app;

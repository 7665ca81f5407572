-- How an incident was opened, which others it belongs to, and what was asked of
-- whoever opened something that looks like another one.

-- +goose Up

alter table incidents
	add column private   boolean not null default false, -- only members of its channel know of it
	add column light     boolean not null default false, -- a thread instead of a channel, until it is promoted
	add column opened_in text    not null collate "C" default ''; -- the channel whose thread that is

grant insert (private, light, opened_in), update (light) on incidents to snafu_app;

create index incidents_opened on incidents (opened_at);
create index incidents_of_system on incidents (system, id) where system <> '';
create index incidents_private on incidents (id) where private;

-- One incident and what another one is to it.
create table relations (
	incident bigint      not null references incidents,
	other    bigint      not null references incidents,
	how      text        not null check (how in ('duplicate', 'cause', 'again', 'see')),
	by       text        not null collate "C",
	at       timestamptz not null,
	primary key (incident, other),
	check (incident <> other)
);

create index relations_of_other on relations (other);

grant select on relations to snafu_app, snafu_verify;
grant insert (incident, other, how, by, at), update (how, by, at) on relations to snafu_app;

-- What somebody wanted to open when they were asked whether it is one of those
-- that are open. It is kept until they answer, so that nobody types it twice.
create table openings (
	key      text        collate "C" primary key check (key <> ''), -- of the act that was answered with a question
	reporter text        not null collate "C",
	wanted   jsonb       not null,
	asked_at timestamptz not null
);

create index openings_asked on openings (asked_at);

grant select, insert, delete on openings to snafu_app;

-- The messages of a light incident stay where they are when it gets its channel.
grant update (kind) on messages to snafu_app;

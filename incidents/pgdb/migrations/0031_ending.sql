-- +goose Up

-- What is owed after an incident, also long after it was closed.
create table follow_ups (
	incident  bigint      not null references incidents,
	number    int         not null check (number > 0),
	text      text        not null check (text <> ''),
	owner     text        not null collate "C" check (owner not like 'system:%'),
	due_at    timestamptz,                       -- the morning of its day
	helps     text        not null check (helps in ('', 'detect', 'prevent', 'correct')),
	safeguard text        not null,
	ticket    text        not null,
	checklist boolean     not null,
	root      text        not null,
	state     text        not null check (state in ('open', 'done', 'dropped')),
	why       text        not null,
	by        text        not null collate "C",
	made_at   timestamptz not null,
	ended_by  text        not null default '' collate "C",
	ended_at  timestamptz,
	primary key (incident, number),
	constraint follow_ups_ended check ((state = 'open') = (ended_at is null)),
	constraint follow_ups_done_with_a_safeguard check (state <> 'done' or safeguard <> ''),
	constraint follow_ups_dropped_with_a_reason check (state <> 'dropped' or why <> '')
);
create index follow_ups_owed on follow_ups (due_at) where state = 'open';
create index follow_ups_learned on follow_ups (incident) where safeguard <> '' and state <> 'dropped' and (checklist or state = 'done');

-- An item of the gate before the close that the lead let pass. A reopened
-- incident has to meet all of them anew.
create table gate_waivers (
	incident bigint      not null references incidents,
	item     text        not null check (item <> ''),
	why      text        not null check (length(why) >= 10),
	by       text        not null collate "C" check (by not like 'system:%'),
	at       timestamptz not null,
	void_at  timestamptz
);
create unique index gate_waivers_one on gate_waivers (incident, item) where void_at is null;

-- The end of a channel: announced, then archived. A row that is older than the
-- last close, or of another channel, counts for nothing.
create table archives (
	incident     bigint      primary key references incidents,
	channel      text        not null collate "C" check (channel <> ''),
	announced_at timestamptz not null,
	archive_at   timestamptz not null check (archive_at > announced_at),
	archived_at  timestamptz
);

grant select on follow_ups, gate_waivers, archives to snafu_app;
grant insert, update (text, owner, due_at, helps, safeguard, ticket, checklist, root, state, why, ended_by, ended_at) on follow_ups to snafu_app;
grant insert (incident, item, why, by, at), update (void_at) on gate_waivers to snafu_app;
grant insert (incident, channel, announced_at, archive_at), update (channel, announced_at, archive_at, archived_at) on archives to snafu_app;

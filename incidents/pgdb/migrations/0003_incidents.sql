-- The state of each incident: its phase, what triage knows, what was done about
-- the cause, who was called, and what stands in the way of its end. How it came
-- to be so stands in the journal.

-- +goose Up

create table incidents (
	id              bigint      generated always as identity primary key,
	title           text        not null check (title <> ''),
	phase           text        not null check (phase in ('triage', 'contained', 'restoring', 'resolved', 'closed', 'cancelled')),
	severity        int         not null check (severity between 1 and 3),
	severity_chosen boolean     not null,
	severity_why    text        not null,
	system          text        not null default '', -- name of the source, '' while unknown
	reporter        text        not null collate "C" check (reporter <> ''),
	lead            text        not null collate "C" check (lead <> ''),
	drill           boolean     not null,
	channel         text        not null collate "C" default '',
	channel_name    text        not null default '',
	opened_at       timestamptz not null,
	opened_by       text        not null unique, -- the act key, so that a repeated act finds its incident
	count_run       text        not null default '',
	count_touched   bigint      not null default 0,
	counted_at      timestamptz,
	count_since     timestamptz,
	count_quiet     bigint      not null default 0,
	contained_at    timestamptz,
	restoring_at    timestamptz,
	resolved_at     timestamptz,
	resolved_why    text        not null default '',
	closed_at       timestamptz,
	closed_why      text        not null default ''
);

-- A channel belongs to one incident.
create unique index incidents_channel on incidents (channel) where channel <> '';

-- The newest answer to each question of triage.
create table answers (
	incident bigint      not null references incidents,
	question int         not null check (question between 1 and 11),
	choices  text[]      not null,
	text     text        not null,
	time     timestamptz,
	guess    boolean     not null,
	measured boolean     not null,
	by       text        not null collate "C",
	at       timestamptz not null,
	primary key (incident, question)
);

-- What was done about a cause. Each act is a row for ever.
create table containments (
	incident bigint      not null references incidents,
	number   int         not null check (number > 0),
	how      text        not null check (how in ('stopped', 'slowed', 'removed', 'cannot', 'over')),
	what     text        not null,
	was      text        not null,
	now      text        not null,
	proof    text        not null,
	done_at  timestamptz not null,
	by       text        not null collate "C",
	at       timestamptz not null,
	primary key (incident, number)
);

-- A reason why the incident cannot end, for example a plan that may still write.
create table holds (
	incident    bigint      not null references incidents,
	name        text        not null check (name <> ''),
	at          timestamptz not null default clock_timestamp(),
	released_at timestamptz,
	primary key (incident, name)
);

-- A call for help and its way up the ladder.
create table pages (
	id          bigint      generated always as identity primary key,
	incident    bigint      not null references incidents,
	target      text        not null,             -- rota, '' if a person was called
	person      text        not null collate "C", -- the person called by name, '' if none
	why         text        not null,
	by          text        not null collate "C",
	severity    int         not null,
	state       text        not null check (state in ('calling', 'answered', 'unanswered', 'ended')),
	rung        int         not null default 0,   -- rungs used up
	next_people text[]      not null default '{}',
	next_name   text        not null default '',
	fallback    text        not null,
	started_at  timestamptz not null,
	due_at      timestamptz,                      -- the next rung is called then; null when none is
	answered_by text        not null default '' collate "C",
	answered_at timestamptz,
	joined      text[]      not null default '{}',
	ended_at    timestamptz,
	ended_why   text        not null default '',
	constraint pages_answered_by_somebody check ((state = 'answered') <= (answered_by <> '')),
	constraint pages_calling_has_a_due check (state <> 'calling' or due_at is not null)
);

create index pages_of_incident on pages (incident, id);

-- Two calls for the same help at once would call the same people twice.
create unique index pages_one_calling on pages (incident, target, person) where state = 'calling';

create table page_steps (
	page    bigint      not null references pages,
	number  int         not null check (number > 0),
	rung    int         not null,
	name    text        not null,
	people  text[]      not null,
	at      timestamptz not null,
	due_at  timestamptz not null,
	outcome text        not null check (outcome in ('calling', 'silent', 'passed', 'nobody', 'answered', 'ended')),
	why     text        not null,
	by      text        not null collate "C",
	primary key (page, number)
);

grant select on incidents, answers, containments, holds, pages, page_steps to snafu_app;
grant insert (title, phase, severity, severity_chosen, severity_why, system, reporter, lead, drill, opened_at, opened_by) on incidents to snafu_app;
grant update (phase, severity, severity_chosen, severity_why, system, lead, channel, channel_name, count_run, count_touched,
	counted_at, count_since, count_quiet, contained_at, restoring_at, resolved_at, resolved_why, closed_at, closed_why) on incidents to snafu_app;
grant insert, update (choices, text, time, guess, measured, by, at) on answers to snafu_app;
grant insert on containments to snafu_app;
grant insert (incident, name), update (released_at) on holds to snafu_app;
grant insert (incident, target, person, why, by, severity, state, fallback, started_at, due_at) on pages to snafu_app;
grant update (state, rung, next_people, next_name, due_at, answered_by, answered_at, joined, ended_at, ended_why) on pages to snafu_app;
grant insert, update (outcome, why, by) on page_steps to snafu_app;

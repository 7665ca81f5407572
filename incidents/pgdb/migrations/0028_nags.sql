-- +goose Up

-- The newest beat of each nag that somebody was told of. What is due is computed;
-- this is what keeps a restart from telling it twice.
create table nag_rings (
	incident bigint      not null references incidents,
	kind     text        not null check (kind <> ''),
	subject  text        not null default '',
	person   text        not null collate "C" check (person <> '' and person not like 'system:%'),
	beat     timestamptz not null,
	rang_at  timestamptz not null,
	over_at  timestamptz, -- its cause is gone, and the person was told so
	primary key (incident, kind, subject, person)
);
create index nag_rings_open on nag_rings (incident) where over_at is null;

-- What silences a nag. Without a kind it is for all nags of an incident, without a
-- subject for all of a kind.
create table nag_hushes (
	incident   bigint      not null references incidents,
	kind       text        not null default '',
	subject    text        not null default '',
	until_at   timestamptz, -- put off until then
	is_off     boolean     not null default false,
	why        text        not null default '',
	hushed_by  text        not null collate "C" check (hushed_by <> ''),
	hushed_at  timestamptz not null,
	primary key (incident, kind, subject)
);

-- What is at work is few among all that ever was.
create index incidents_open on incidents (id) where phase not in ('closed', 'cancelled');

grant select, insert on nag_rings, nag_hushes to snafu_app;
grant update (beat, rang_at, over_at) on nag_rings to snafu_app;
grant update (until_at, is_off, why, hushed_by, hushed_at) on nag_hushes to snafu_app;

-- +goose Up

-- What was told to all who wait for news.
create table updates (
	incident   bigint      not null references incidents,
	number     int         not null check (number > 0),
	changed    text        not null check (changed <> ''),
	next       text        not null default '',
	need       text        not null default '',
	audience   text        not null check (audience in ('all', 'channel')),
	posted_by  text        not null collate "C" check (posted_by <> ''),
	posted_at  timestamptz not null,
	promise_at timestamptz, -- of the next one
	primary key (incident, number)
);

-- When the next update was promised: one stands, those before it stay to be
-- counted. Whether it is overdue is computed; what is kept is what of that was told.
create table promises (
	incident  bigint      not null references incidents,
	number    int         not null check (number > 0),
	due_at    timestamptz not null,
	made_at   timestamptz not null,
	made_by   text        not null collate "C" check (made_by <> ''),
	missed_at timestamptz, -- the cards say so since then
	told      int         not null default 0,
	ended_at  timestamptz,
	ended_why text        not null default '' check (ended_why in ('', 'update', 'changed', 'over')),
	check ((ended_at is null) = (ended_why = '')),
	primary key (incident, number)
);
create unique index promises_one_stands on promises (incident) where ended_at is null;
create index promises_due on promises (due_at) where ended_at is null;

-- Who hears of each update by direct message.
create table followers (
	incident bigint      not null references incidents,
	person   text        not null collate "C" check (person <> '' and person not like 'system:%'),
	since    timestamptz not null,
	ended_at timestamptz,
	primary key (incident, person)
);

-- What one person wants of the bot. Times are minutes of a day by their own clock.
create table person_settings (
	person        text    primary key collate "C" check (person <> '' and person not like 'system:%'),
	rest_from     int     not null check (rest_from between 0 and 1439),
	rest_to       int     not null check (rest_to between 0 and 1439),
	rest_weekends boolean not null,
	dm_updates    boolean not null,
	dm_phases     boolean not null,
	set_at        timestamptz not null
);

-- The mornings on which the digest was due, so that it comes once.
create table digests (
	day      date        primary key,
	due_at   timestamptz not null,
	tried_at timestamptz, -- it may have been posted since
	told_at  timestamptz
);

grant select, insert on updates, promises, followers, person_settings, digests to snafu_app;
grant update (missed_at, told, ended_at, ended_why) on promises to snafu_app;
grant update (since, ended_at) on followers to snafu_app;
grant update (rest_from, rest_to, rest_weekends, dm_updates, dm_phases, set_at) on person_settings to snafu_app;
grant update (tried_at, told_at) on digests to snafu_app;

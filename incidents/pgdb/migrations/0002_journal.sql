-- The journal: what happened, in the order it happened, chained by hashes, and
-- what of it has still to be told.

-- +goose Up

create table journal (
	entry_id    bigint      generated always as identity primary key,
	recorded_at timestamptz not null default clock_timestamp(),
	chain       bigint      not null check (chain >= 0), -- incident, 0 the house
	seq         bigint      not null check (seq > 0),
	at          timestamptz not null,
	actor       text        not null check (actor <> ''),
	act_key     text        not null check (act_key <> ''),
	kind        text        not null check (kind <> ''),
	format      smallint    not null check (format > 0),
	salt        bytea       check (octet_length(salt) = 16),
	body        bytea,
	leaf        bytea       not null check (octet_length(leaf) = 32),
	hash        bytea       not null check (octet_length(hash) = 32),
	detail      jsonb,      -- a copy to read; the bytes decide
	constraint journal_link unique (chain, seq)
);

-- The redactor may blank the text of a line, so that a person can be forgotten.
-- leaf and hash stay, and the chain holds.
-- +goose StatementBegin
create function journal_is_append_only() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
	if tg_op = 'UPDATE' and current_user = 'snafu_redactor'
		and new.body is null and new.salt is null and new.detail is null
		and (new.entry_id, new.recorded_at, new.chain, new.seq, new.at, new.actor, new.act_key, new.kind, new.format, new.leaf, new.hash)
		  = (old.entry_id, old.recorded_at, old.chain, old.seq, old.at, old.actor, old.act_key, old.kind, old.format, old.leaf, old.hash)
	then
		return new;
	end if;
	raise exception 'the journal is append-only' using errcode = 'insufficient_privilege';
end
$$;
-- +goose StatementEnd

create trigger journal_no_change
	before update or delete on journal
	for each row execute function journal_is_append_only();

create trigger journal_no_truncate
	before truncate on journal
	for each statement execute function journal_is_append_only();

-- Always: the replica mode of a session does not switch them off.
alter table journal enable always trigger journal_no_change;
alter table journal enable always trigger journal_no_truncate;

-- The last link of each chain. Who appends moves it first, by a condition.
create table journal_heads (
	chain bigint primary key check (chain >= 0),
	seq   bigint not null check (seq >= 0),
	hash  bytea  not null check (octet_length(hash) = 32)
) with (fillfactor = 50);

-- The keys under which acts took effect, each once.
create table acts (
	key      text        primary key check (key <> ''),
	actor    text        not null check (actor <> ''),
	taken_at timestamptz not null default clock_timestamp()
);

-- An entry that has to be told. It is told when it has been split into steps and
-- none of them is open.
create table deliveries (
	incident    bigint      not null,
	seq         bigint      not null,
	expanded_at timestamptz,
	primary key (incident, seq),
	foreign key (incident, seq) references journal (chain, seq)
);

create index deliveries_unexpanded on deliveries (incident, seq) where expanded_at is null;

create table delivery_steps (
	incident   bigint      not null,
	seq        bigint      not null,
	ord        int         not null,
	step       text        not null check (step <> ''),
	state      text        not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'unknown', 'dead')),
	attempt    int         not null default 0, -- calls made
	checks     int         not null default 0, -- looks at an unknown outcome
	next_at    timestamptz not null,
	changed_at timestamptz not null,
	channel    text        not null default '',
	ts         text        not null default '',
	reason     text        not null default '',
	primary key (incident, seq, step),
	foreign key (incident, seq) references deliveries (incident, seq)
);

create index delivery_steps_open on delivery_steps (incident, seq) where state in ('waiting', 'sending', 'unknown');

grant select on journal to snafu_app;
grant insert (chain, seq, at, actor, act_key, kind, format, salt, body, leaf, hash, detail) on journal to snafu_app;
grant select, insert (chain, seq, hash), update (seq, hash) on journal_heads to snafu_app;
grant select, insert (key, actor) on acts to snafu_app;
grant select, insert (incident, seq), update (expanded_at) on deliveries to snafu_app;
grant select, insert (incident, seq, ord, step, next_at, changed_at) on delivery_steps to snafu_app;
grant update (state, attempt, checks, next_at, changed_at, channel, ts, reason) on delivery_steps to snafu_app;

grant select on journal, journal_heads, acts to snafu_verify;

grant usage on schema snafu to snafu_redactor;
grant select, update (body, salt, detail) on journal to snafu_redactor;

-- What people decide about a plan. The two-person rule stands here a second
-- time: no row can say what the rules refuse, whoever writes it.

-- +goose Up

-- A plan belongs to one incident and one source for ever.
create table plans (
	id        bigint      generated always as identity primary key,
	incident  bigint      not null references incidents,
	number    int         not null check (number > 0),
	source    text        not null,
	requester text        not null collate "C",
	newest    int         not null default 0, -- its newest revision, the only one that can move
	at        timestamptz not null,
	unique (incident, number),
	unique (id, source)
);

-- One part per person and plan, for ever: who has written can never approve,
-- who has approved can never write.
create table plan_people (
	plan   bigint not null references plans,
	person text   not null collate "C" check (person <> '' and person not like 'system:%'),
	part   text   not null check (part in ('requester', 'author', 'involved', 'approver')),
	primary key (plan, person),
	unique (plan, person, part)
);
create unique index plans_one_requester on plan_people (plan) where part = 'requester';

create table revisions (
	plan             bigint      not null references plans,
	number           int         not null check (number > 0),
	author           text        not null collate "C",
	author_part      text        not null check (author_part in ('requester', 'author')),
	state            text        not null check (state in ('draft', 'frozen', 'proposed', 'approved', 'running', 'paused', 'done',
	                                 'partial', 'aborted', 'failed', 'rejected', 'expired', 'superseded', 'withdrawn')),
	why              text        not null default '',
	note             text        not null default '',
	spec             jsonb       not null,
	attempt          int         not null default 0,
	freezing         boolean     not null default false,
	freeze_error     text        not null default '',
	frozen           jsonb,
	canonical        bytea,
	digest           bytea,
	writes           bigint      check (writes >= 0),
	freeze_id        bigint,
	needs            int         not null check (needs between 2 and 9),
	requester_counts boolean     not null,
	frozen_at        timestamptz,
	freeze_expires   timestamptz,
	proposed_at      timestamptz,
	pool             jsonb       not null default '[]',
	start_before     timestamptz,
	drafted_at       timestamptz not null,
	ended_at         timestamptz,
	primary key (plan, number),
	constraint revisions_digest_is_hash check (digest = sha256(canonical)),
	constraint revisions_frozen_whole check ((digest is null) = (canonical is null) and (digest is null) = (writes is null)
		and (digest is null) = (frozen is null) and (digest is null) = (freeze_expires is null)),
	constraint revisions_frozen_or_draft check (digest is not null or state in ('draft', 'superseded', 'withdrawn')),
	constraint revisions_proposed_or_not check (proposed_at is not null or state in ('draft', 'frozen', 'superseded', 'withdrawn', 'expired')),
	constraint revisions_writes_something check (proposed_at is null or writes > 0),
	unique (plan, digest, requester_counts),
	unique (plan, digest, start_before),
	unique (plan, digest, writes),
	foreign key (plan, author, author_part) references plan_people (plan, person, part)
);
create unique index revisions_one_open on revisions (plan)
	where state in ('draft', 'frozen', 'proposed', 'approved', 'running', 'paused');

create table approvals (
	plan             bigint      not null,
	digest           bytea       not null,
	person           text        not null collate "C",
	part             text        not null,
	requester_counts boolean     not null,
	typed            bigint      not null,
	standing         jsonb       not null,
	act              text        not null unique,
	at               timestamptz not null,
	counts           boolean     not null default true,
	constraint approvals_one_per_person primary key (plan, digest, person),
	unique (plan, digest, person, counts),
	constraint approvals_of_this_digest foreign key (plan, digest, requester_counts) references revisions (plan, digest, requester_counts),
	constraint approvals_of_this_number foreign key (plan, digest, typed) references revisions (plan, digest, writes),
	constraint approvals_by_another foreign key (plan, person, part) references plan_people (plan, person, part),
	constraint approvals_part check (part = 'approver' or (part = 'requester' and requester_counts))
);

-- The right to run an approved plan, taken once. The voices it names are held
-- by foreign keys, so an approval can no longer be taken back after the start.
create table executions (
	plan         bigint      not null,
	digest       bytea       not null,
	source       text        not null,
	voice1       text        not null collate "C",
	voice2       text        not null collate "C",
	counts       boolean     not null default true check (counts),
	started_by   text        not null collate "C",
	claimed_at   timestamptz not null,
	start_before timestamptz not null,
	holder       text        not null default '',
	epoch        bigint      not null default 0,
	expires_at   timestamptz,
	batches      bigint      not null default 0,
	hi           bigint      not null default 0,
	outcomes     jsonb       not null default '{}',
	waits        text        not null default '',
	canary       boolean     not null default false,
	report       jsonb,
	ended_at     timestamptz,
	constraint executions_once primary key (plan, digest),
	constraint executions_two_people check (voice1 < voice2),
	constraint executions_in_time check (claimed_at < start_before),
	foreign key (plan, source) references plans (id, source),
	foreign key (plan, digest, start_before) references revisions (plan, digest, start_before),
	constraint executions_voice1 foreign key (plan, digest, voice1, counts) references approvals (plan, digest, person, counts),
	constraint executions_voice2 foreign key (plan, digest, voice2, counts) references approvals (plan, digest, person, counts)
);
create unique index executions_one_live on executions (source) where ended_at is null;

-- What people told a run to do. The newest order that is not obeyed counts.
create table orders (
	id        bigint      generated always as identity primary key,
	plan      bigint      not null,
	digest    bytea       not null,
	word      text        not null check (word in ('pause', 'continue', 'resume', 'abort')),
	person    text        not null collate "C",
	why       text        not null,
	at        timestamptz not null,
	obeyed_at timestamptz,
	foreign key (plan, digest) references executions (plan, digest)
);
create index orders_open on orders (plan, digest) where obeyed_at is null;

-- Approvals and parts stay as they were given. One thing may change: an approval
-- that counts may stop to count.
-- +goose StatementBegin
create function keep_as_given() returns trigger language plpgsql as $$
begin
	if tg_op = 'UPDATE' and tg_table_name = 'approvals' then
		if old.counts and not new.counts
		   and (to_jsonb(new) - 'counts') = (to_jsonb(old) - 'counts') then
			return new;
		end if;
	end if;
	raise exception '% of % is refused: decisions stay as they were given', tg_op, tg_table_name
		using errcode = 'SN009';
end
$$;
-- +goose StatementEnd

-- What was frozen stays as it was frozen.
-- +goose StatementBegin
create function keep_frozen() returns trigger language plpgsql as $$
begin
	if (old.plan, old.number, old.needs, old.requester_counts)
	     is distinct from (new.plan, new.number, new.needs, new.requester_counts)
	   or (old.digest is not null
	       and (old.author, old.author_part, old.spec, old.frozen, old.canonical, old.digest, old.writes, old.freeze_id, old.frozen_at, old.freeze_expires)
	         is distinct from (new.author, new.author_part, new.spec, new.frozen, new.canonical, new.digest, new.writes, new.freeze_id, new.frozen_at, new.freeze_expires))
	   or old.ended_at is not null then
		raise exception 'a frozen or ended revision stays as it is' using errcode = 'SN009';
	end if;
	return new;
end
$$;
-- +goose StatementEnd

create trigger approvals_kept before update or delete on approvals for each row execute function keep_as_given();
create trigger approvals_not_emptied before truncate on approvals for each statement execute function keep_as_given();
create trigger plan_people_kept before update or delete on plan_people for each row execute function keep_as_given();
create trigger plan_people_not_emptied before truncate on plan_people for each statement execute function keep_as_given();
create trigger revisions_kept before update on revisions for each row execute function keep_frozen();
create trigger revisions_not_deleted before delete on revisions for each row execute function keep_as_given();
create trigger revisions_not_emptied before truncate on revisions for each statement execute function keep_as_given();
-- Also in replica mode, where ordinary triggers sleep.
alter table approvals enable always trigger approvals_kept;
alter table approvals enable always trigger approvals_not_emptied;
alter table plan_people enable always trigger plan_people_kept;
alter table plan_people enable always trigger plan_people_not_emptied;
alter table revisions enable always trigger revisions_kept;
alter table revisions enable always trigger revisions_not_deleted;
alter table revisions enable always trigger revisions_not_emptied;

grant select on plans, plan_people, revisions, approvals, executions, orders to snafu_app, snafu_verify;
grant insert (incident, number, source, requester, at) on plans to snafu_app;
grant update (newest) on plans to snafu_app; -- also lets it lock the row
grant insert (plan, person, part) on plan_people to snafu_app;
grant insert (plan, number, author, author_part, state, note, spec, needs, requester_counts, drafted_at) on revisions to snafu_app;
grant update (state, why, note, author, author_part, spec, attempt, freezing, freeze_error, frozen, canonical, digest, writes, freeze_id,
	frozen_at, freeze_expires, proposed_at, pool, start_before, ended_at) on revisions to snafu_app;
grant insert (plan, digest, person, part, requester_counts, typed, standing, act, at) on approvals to snafu_app;
grant update (counts) on approvals to snafu_app;
grant insert (plan, digest, source, voice1, voice2, started_by, claimed_at, start_before) on executions to snafu_app;
grant update (holder, epoch, expires_at, batches, hi, outcomes, waits, canary, report, ended_at) on executions to snafu_app;
grant insert (plan, digest, word, person, why, at) on orders to snafu_app;
grant update (obeyed_at) on orders to snafu_app;

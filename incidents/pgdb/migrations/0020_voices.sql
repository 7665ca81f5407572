-- Who may not be a voice although they took no part in the plan, whose voice is
-- looked at later, and under which rules of a source people approve.

-- +goose Up

-- Somebody who said that they were involved in the cause, or whom the lead
-- recorded so. Their approval counts for no plan of the incident.
create table involved (
	incident bigint      not null references incidents,
	person   text        not null collate "C" check (person <> '' and person not like 'system:%'),
	said_by  text        not null collate "C",
	at       timestamptz not null,
	primary key (incident, person)
);

alter table revisions add column involved_counts boolean not null default false;

-- No approval of somebody involved, whoever writes it, but where the source lets
-- them count.
-- +goose StatementBegin
create function no_involved_voice() returns trigger language plpgsql set search_path from current as $$
begin
	if exists (
		select from plans p
		join involved i on i.incident = p.incident and i.person = new.person
		join revisions r on r.plan = p.id and r.digest = new.digest
		where p.id = new.plan and not r.involved_counts) then
		raise exception 'somebody involved in the cause is no voice' using errcode = 'SN009';
	end if;
	return new;
end
$$;
-- +goose StatementEnd

create trigger approvals_by_nobody_involved before insert on approvals for each row execute function no_involved_voice();
alter table approvals enable always trigger approvals_by_nobody_involved;

-- +goose StatementBegin
create or replace function keep_frozen() returns trigger language plpgsql as $$
begin
	if (old.plan, old.number, old.needs, old.requester_counts, old.involved_counts)
	     is distinct from (new.plan, new.number, new.needs, new.requester_counts, new.involved_counts)
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

-- Two approvers who had no voice look at a run whose requester was one.
create table glass_reviews (
	plan   bigint      not null,
	digest bytea       not null,
	person text        not null collate "C" check (person <> '' and person not like 'system:%'),
	at     timestamptz not null,
	primary key (plan, digest, person),
	foreign key (plan, digest) references executions (plan, digest)
);

-- The rules of a source as they were when somebody last started with them.
create table source_rules (
	source text        primary key,
	rules  bytea       not null, -- their hash
	at     timestamptz not null
);

-- How many approvals somebody gave within an hour is asked for each card.
create index approvals_by_person on approvals (person, at);

create trigger involved_kept before update or delete on involved for each row execute function keep_as_given();
create trigger involved_not_emptied before truncate on involved for each statement execute function keep_as_given();
create trigger glass_reviews_kept before update or delete on glass_reviews for each row execute function keep_as_given();
create trigger glass_reviews_not_emptied before truncate on glass_reviews for each statement execute function keep_as_given();
alter table involved enable always trigger involved_kept;
alter table involved enable always trigger involved_not_emptied;
alter table glass_reviews enable always trigger glass_reviews_kept;
alter table glass_reviews enable always trigger glass_reviews_not_emptied;

grant select on involved, glass_reviews, source_rules to snafu_app, snafu_verify;
grant insert (incident, person, said_by, at) on involved to snafu_app;
grant insert (plan, digest, person, at) on glass_reviews to snafu_app;
grant insert (source, rules, at) on source_rules to snafu_app;
grant update (rules, at) on source_rules to snafu_app;
grant insert (involved_counts) on revisions to snafu_app;

-- +goose Up

-- Until when somebody wants to hear no more of a revision that waits for their
-- approval.
create table plan_snoozes (
	plan     bigint      not null references plans,
	revision int         not null,
	person   text        not null collate "C" check (person <> '' and person not like 'system:%'),
	until    timestamptz not null,
	primary key (plan, revision, person)
);

grant select on plan_snoozes to snafu_app, snafu_verify;
grant insert (plan, revision, person, until) on plan_snoozes to snafu_app;
grant update (until) on plan_snoozes to snafu_app;

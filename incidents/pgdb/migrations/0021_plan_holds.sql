-- +goose Up

-- What an owner has stopped while a plan writes, and let run again since. It is
-- of the plan, not of a revision: what stands still does so through an edit.
create table plan_holds (
	id          bigint      generated always as identity primary key,
	plan        bigint      not null references plans,
	name        text        not null check (name <> ''),
	held_by     text        not null collate "C" check (held_by <> '' and held_by not like 'system:%'),
	held_at     timestamptz not null,
	released_by text        collate "C",
	released_at timestamptz,
	check ((released_by is null) = (released_at is null))
);
create unique index plan_holds_one_stands on plan_holds (plan, name) where released_at is null;

grant select on plan_holds to snafu_app, snafu_verify;
grant insert (plan, name, held_by, held_at) on plan_holds to snafu_app;
grant update (released_by, released_at) on plan_holds to snafu_app;

-- +goose Up

-- By which way people want to be called first, outside of Slack; the others follow
-- a minute later. '' is all at once.
create table first_ways (
	person text        primary key collate "C" check (person <> '' and person not like 'system:%'),
	way    text        not null check (way in ('', 'phone', 'email')),
	set_at timestamptz not null
);

grant select, insert, update (way, set_at) on first_ways to snafu_app;

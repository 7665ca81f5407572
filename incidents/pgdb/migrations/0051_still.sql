-- +goose Up

-- How often whoever is on it is asked whether they still are, where somebody chose
-- that for one incident. 0 is not at all.
create table still_settings (
	incident bigint      primary key references incidents,
	every_s  int         not null check (every_s >= 0),
	why      text        not null default '',
	set_by   text        not null collate "C" check (set_by <> ''),
	set_at   timestamptz not null
);

grant select, insert, update on still_settings to snafu_app;

-- Who looks at the Home tab, and what it shows them. A tab is drawn anew while
-- it was opened within the last day: wanted counts the reasons to draw it,
-- shown is how many of them the last drawing knew.

-- +goose Up

create table homes (
	member    text        collate "C" primary key check (member like '_%/_%'),
	opened_at timestamptz not null,
	wanted    bigint      not null default 1,
	shown     bigint      not null default 0,
	drawn     bytea       not null default '',
	drawn_at  timestamptz,
	constraint homes_shown_was_wanted check (shown <= wanted)
);

grant select, insert, update (opened_at, wanted, shown, drawn, drawn_at) on homes to snafu_app;

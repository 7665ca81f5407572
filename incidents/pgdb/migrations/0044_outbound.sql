-- +goose Up

-- What was told outside of Slack of an entry, beside calls: only what a webhook is
-- configured for has a row, from its first try on.
create table publications (
	incident bigint      not null,
	seq      bigint      not null,
	state    text        not null default 'waiting' check (state in ('waiting', 'accepted', 'refused')),
	said     text        not null default '', -- the receiver's word
	tries    int         not null default 0,
	tried_at timestamptz not null,
	primary key (incident, seq)
);

grant select, insert on publications to snafu_app;
grant update (state, said, tries, tried_at) on publications to snafu_app;

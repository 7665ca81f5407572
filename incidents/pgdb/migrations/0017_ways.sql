-- +goose Up

-- What is sent outside of Slack for a call, and what became of it: one row for
-- each way, person and event.
create table page_sends (
	id       bigint      generated always as identity primary key,
	page     bigint      not null references pages,
	step     int         not null,
	way      text        not null check (way in ('email', 'phone', 'pagerduty', 'webhook')),
	event    text        not null check (event in ('called', 'answered', 'unanswered', 'ended')),
	person   text        not null collate "C", -- '' where a whole step is told
	people   text[]      not null,
	state    text        not null default 'waiting' check (state in ('waiting', 'accepted', 'refused')),
	said     text        not null default '',  -- the provider's word
	tries    int         not null default 0,
	asked_at timestamptz not null,
	done_at  timestamptz
);
create index page_sends_of_page on page_sends (page, id);

grant select on page_sends to snafu_app;
grant insert (page, step, way, event, person, people, asked_at) on page_sends to snafu_app;
grant update (state, said, tries, done_at) on page_sends to snafu_app;

-- +goose Up

-- A number is called, sent a text, or both; and what another system says of a call
-- stands on its card beside what was sent there.
alter table page_sends
	drop constraint page_sends_way_check,
	drop constraint page_sends_event_check,
	add constraint page_sends_way_check check (way in ('email', 'phone', 'sms', 'pagerduty', 'webhook')),
	add constraint page_sends_event_check check (event in ('called', 'answered', 'unanswered', 'ended', 'heard'));

grant insert (state, said, done_at) on page_sends to snafu_app;

create index contacts_by_address on contacts (address) where verified_at is not null;

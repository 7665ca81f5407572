-- +goose Up

-- An incident that goes on while its channel is archived. Unless a person brings
-- the channel back, it gets another one.
create table channels_lost (
	incident   bigint      primary key references incidents,
	channel    text        not null collate "C" check (channel <> ''),
	at         timestamptz not null,
	settled_at timestamptz
);

-- What was closed with a channel is looked through for channels that may go.
create index incidents_closed on incidents (closed_at) where phase = 'closed' and channel <> '';
create index archives_waiting on archives (archive_at) where archived_at is null;

grant select on channels_lost to snafu_app;
grant insert (incident, channel, at), update (channel, at, settled_at) on channels_lost to snafu_app;

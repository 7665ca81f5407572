-- What the bot keeps: what Slack sent, durable before it is acknowledged, and
-- where each edited message stands.

-- +goose Up

-- A receipt is an act that was asked for. Its key is the payload's own, so that
-- a payload delivered ten times is one receipt. The payload goes when the act is
-- settled; the key stays, or a late redelivery would be a new act.
create table receipts (
	key           text        collate "C" primary key check (key <> ''),
	envelope      text        not null,
	person        text        collate "C" not null,
	payload       bytea,
	received_at   timestamptz not null default clock_timestamp(),
	claimed_until timestamptz,
	tries         int         not null default 0,
	outcome       text        check (outcome in ('effect', 'already', 'refused', 'failed')),
	note          text        not null default '',
	settled_at    timestamptz,
	constraint receipts_settled_or_payload check ((outcome is null) = (settled_at is null) and (outcome is null) = (payload is not null))
);

create index receipts_unsettled on receipts (received_at) where outcome is null;

grant select, insert (key, envelope, person, payload),
	update (payload, claimed_until, tries, outcome, note, settled_at), delete
	on receipts to snafu_app;

-- One message per incident and kind, edited for ever. Incident 0 is the house.
create table messages (
	incident bigint      not null,
	kind     text        collate "C" not null,
	channel  text        not null,
	ts       text        not null,
	drawn    bytea       not null,
	drawn_at timestamptz not null,
	primary key (incident, kind)
);

grant select, insert, update (channel, ts, drawn, drawn_at) on messages to snafu_app;

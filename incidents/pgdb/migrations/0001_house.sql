-- What the house stands on: who may enter the schema, which install this is, and
-- the leases by which replicas agree on a leader.

-- +goose Up

grant usage on schema snafu to snafu_app, snafu_verify;

-- The id goes into the first link of every hash chain, so that a chain copied
-- from another install is known as foreign.
create table house (
	one     boolean     primary key default true check (one),
	install bytea       not null default uuid_send(gen_random_uuid()) check (octet_length(install) = 16),
	made_at timestamptz not null default clock_timestamp()
);

insert into house default values;

grant select on house to snafu_app, snafu_verify;

-- Each change of holder adds 1 to the epoch; a writer names holder and epoch.
create table leases (
	name       text        primary key,
	holder     text        not null,
	epoch      bigint      not null check (epoch > 0),
	expires_at timestamptz not null
);

grant select, insert, update (holder, epoch, expires_at) on leases to snafu_app;

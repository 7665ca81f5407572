-- +goose Up

-- What the channels of rotas may have been told already, so that what was posted
-- by a process that ended there is looked for and not posted again.
create table rota_said (
	key      text        primary key check (key <> ''),
	tried_at timestamptz not null
);

grant select, insert, delete on rota_said to snafu_app;

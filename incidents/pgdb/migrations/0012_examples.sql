-- +goose Up

-- A record that somebody showed to everybody: what happened to one field of it,
-- and by which runs. Nothing personal is in it; that somebody shared it is in
-- the journal.
create table examples (
    incident bigint      not null references incidents,
    number   int         not null check (number > 0),
    shown    jsonb       not null,
    by       text        not null collate "C",
    at       timestamptz not null,
    primary key (incident, number)
);

grant select on examples to snafu_app;
grant insert (incident, number, shown, by, at) on examples to snafu_app;

-- +goose Up

-- What a count found that somebody asked for by its name, or typed. Labels of
-- groups are values of records, so they stay here and out of the journal.
create table counted (
    incident bigint      not null references incidents,
    number   int         not null check (number > 0),
    asked    jsonb       not null,
    groups   jsonb       not null,
    read_at  timestamptz not null,
    by       text        not null collate "C",
    at       timestamptz not null,
    primary key (incident, number)
);

grant select on counted to snafu_app;
grant insert (incident, number, asked, groups, read_at, by, at) on counted to snafu_app;

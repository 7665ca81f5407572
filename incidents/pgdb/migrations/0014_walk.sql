-- +goose Up

-- The expected flow beside the observed one, as people walked through it. Each
-- change is a new row with all steps; the newest one holds.
create table walks (
    incident bigint      not null references incidents,
    number   int         not null check (number > 0),
    steps    jsonb       not null,
    by       text        not null collate "C",
    at       timestamptz not null,
    primary key (incident, number)
);

grant select on walks to snafu_app;
grant insert (incident, number, steps, by, at) on walks to snafu_app;

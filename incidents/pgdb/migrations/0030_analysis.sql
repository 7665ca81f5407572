-- +goose Up

-- Why it happened, as a tree with several problems and several roots. Each change
-- is a new row with the whole tree; the newest one holds.
create table whys (
    incident bigint      not null references incidents,
    number   int         not null check (number > 0),
    tree     jsonb       not null,
    by       text        not null collate "C",
    at       timestamptz not null,
    primary key (incident, number)
);

-- What people try against it: approach, who, until, result. Rows as above.
create table boards (
    incident bigint      not null references incidents,
    number   int         not null check (number > 0),
    tries    jsonb       not null,
    by       text        not null collate "C",
    at       timestamptz not null,
    primary key (incident, number)
);

grant select on whys, boards to snafu_app;
grant insert (incident, number, tree, by, at) on whys to snafu_app;
grant insert (incident, number, tries, by, at) on boards to snafu_app;

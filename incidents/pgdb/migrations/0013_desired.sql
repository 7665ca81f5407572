-- +goose Up

-- A file that says of each record what it should be. Its lines hold keys and
-- values of records, so they stay out of the journal, which knows the file by
-- its hash, and go when the incident is over.
create table desired_files (
    id       bigint      generated always as identity primary key,
    incident bigint      not null,
    scope    int         not null,
    sha256   text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
    by       text        not null collate "C",
    at       timestamptz not null,
    foreign key (incident, scope) references scopes (incident, number)
);
create index desired_files_newest on desired_files (incident, scope, id desc);

create table desired_lines (
    file    bigint not null references desired_files on delete cascade,
    line    bigint not null,
    key     text[] not null,
    desired text,
    primary key (file, line)
);

grant select, delete on desired_files, desired_lines to snafu_app;
grant insert (incident, scope, sha256, by, at) on desired_files to snafu_app;
grant insert (file, line, key, desired) on desired_lines to snafu_app;

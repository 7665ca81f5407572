-- +goose Up

-- Items of the checklist of earlier snafus that somebody has looked at during an
-- incident. That one was ticked and unticked is in the journal.
create table checklist_ticks (
    incident      bigint      not null references incidents,
    from_incident bigint      not null,
    number        int         not null,
    by            text        not null collate "C",
    at            timestamptz not null,
    primary key (incident, from_incident, number),
    foreign key (from_incident, number) references follow_ups (incident, number)
);

grant select, insert, delete on checklist_ticks to snafu_app;

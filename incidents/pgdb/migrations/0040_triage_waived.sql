-- +goose Up

-- That a plan may be proposed although triage does not say all it should: the lead
-- says why.
create table triage_waivers (
    incident bigint      not null primary key references incidents,
    why      text        not null,
    by       text        not null collate "C",
    at       timestamptz not null
);

grant select on triage_waivers to snafu_app;
grant insert (incident, why, by, at) on triage_waivers to snafu_app;

-- +goose Up

-- A vendor was asked for help with an incident: nobody is paged, a card holds
-- what to write to its support.
create table vendor_calls (
    incident bigint      not null references incidents,
    vendor   text        not null check (vendor <> ''),
    why      text        not null,
    by       text        not null collate "C",
    asked_at timestamptz not null,
    primary key (incident, vendor)
);

-- Case numbers at vendors and of customers. Its answer is all that changes
-- in one.
create table cases (
    id          bigint      generated always as identity primary key,
    incident    bigint      not null references incidents,
    whom        text        not null check (whom in ('vendor', 'customer')),
    vendor      text        not null, -- '' of a customer's
    ref         text        not null check (ref <> ''),
    text        text        not null,
    by          text        not null collate "C",
    at          timestamptz not null,
    answered_at timestamptz,
    answered_by text        not null default '' collate "C",
    constraint cases_once unique (incident, whom, vendor, ref),
    constraint cases_of_a_vendor check ((whom = 'vendor') = (vendor <> ''))
);

-- Whether a cover replaces who is on call (''), adds to them or takes somebody
-- away.
alter table covers
    add column kind text not null default '' check (kind in ('', 'add', 'remove'));

grant select on vendor_calls, cases to snafu_app;
grant insert on vendor_calls to snafu_app;
grant update (why, by, asked_at) on vendor_calls to snafu_app;
grant insert (incident, whom, vendor, ref, text, by, at) on cases to snafu_app;
grant update (answered_at, answered_by) on cases to snafu_app;
grant insert (kind) on covers to snafu_app;

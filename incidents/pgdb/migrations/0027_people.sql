-- +goose Up

-- Each time that somebody offered the lead of an incident, or asked for it. Who
-- leads stands in the incident alone, and changes only by the answer to one of
-- these, or when who asked confirms it a second time.
create table lead_offers (
    id          bigint      generated always as identity primary key,
    incident    bigint      not null references incidents,
    asked       boolean     not null,                                            -- to_person asked for it
    from_person text        not null collate "C" check (from_person <> ''),      -- led when it was made
    to_person   text        not null collate "C" check (to_person <> ''),        -- would lead
    points      text        not null,
    why         text        not null,
    gone        text        not null,                                            -- why from_person cannot answer
    state       text        not null default 'open' check (state in ('open', 'accepted', 'taken', 'declined', 'withdrawn', 'replaced', 'expired')),
    made_at     timestamptz not null,
    free_at     timestamptz,                                                     -- from then on who asked may confirm; null for an offer
    due_at      timestamptz not null check (due_at > made_at),
    told_at     timestamptz,                                                     -- who asked was told that nobody answered
    ended_at    timestamptz,
    ended_by    text        not null default '' collate "C",
    ended_why   text        not null default '',
    constraint lead_offers_to_somebody_else check (from_person <> to_person),
    constraint lead_offers_asked_has_an_end_of_waiting check (asked = (free_at is not null)),
    constraint lead_offers_ended check ((state = 'open') = (ended_at is null)),
    constraint lead_offers_taken_with_a_reason check (state <> 'taken' or (asked and ended_why <> ''))
);

-- Two offers at once would let two people think that they lead.
create unique index lead_offers_one_open on lead_offers (incident) where state = 'open';

-- Who has which role in an incident, '' once it was given back.
create table roles (
    incident bigint      not null references incidents,
    role     text        not null collate "C" check (role <> ''),
    person   text        not null collate "C",
    by       text        not null collate "C",
    at       timestamptz not null,
    primary key (incident, role)
);

grant select on lead_offers, roles to snafu_app;
grant insert (incident, asked, from_person, to_person, points, why, gone, made_at, free_at, due_at) on lead_offers to snafu_app;
grant update (state, told_at, ended_at, ended_by, ended_why) on lead_offers to snafu_app;
grant insert, update (person, by, at) on roles to snafu_app;

-- +goose Up

-- What each rota was defined as, and from when: who was on call then stays
-- answerable after the configuration has changed.
create table rota_versions (
    rota       text        not null,
    valid_from timestamptz not null,
    definition jsonb       not null,
    primary key (rota, valid_from)
);

-- Who was on call in each rota when somebody last looked, so that each hand-over
-- is told once.
create table rota_duties (
    rota   text        primary key,
    people text[]      not null,
    at     timestamptz not null
);

-- What the members of a user group of Slack are to be, and what became of it.
create table usergroup_duties (
    usergroup text        primary key,
    people    text[]      not null,
    at        timestamptz not null,
    gap       text        not null default '' -- why it stays as it is
);

-- How people are called outside of Slack. A number or an address counts once its
-- owner has typed back what was sent to it; of the code only a hash is kept.
create table contacts (
    person      text        not null collate "C",
    way         text        not null check (way in ('email', 'phone')),
    address     text        not null check (address <> ''),
    asked_at    timestamptz not null,
    verified_at timestamptz,
    code        bytea,
    sent_at     timestamptz, -- of the code that counts
    tries       int         not null default 0,
    sent_today  int         not null default 0,
    primary key (person, way)
);

grant select on rota_versions, rota_duties, usergroup_duties, contacts to snafu_app;
grant insert on rota_versions, rota_duties, usergroup_duties, contacts to snafu_app;
grant update (people, at) on rota_duties to snafu_app;
grant update (people, at, gap) on usergroup_duties to snafu_app;
grant update (address, asked_at, verified_at, code, sent_at, tries, sent_today) on contacts to snafu_app;
grant delete on contacts to snafu_app;

-- A sample CRM: 3,000 leads, the history of their status, the members of
-- campaign runs, static lists and one campaign. It stands in for the system a
-- company already has, so nothing in it knows of snafu, save that the history
-- trigger names the writer.

-- Two roles, made once per server: the owner of the tables, and the login with
-- which the outside world (campaigns, salespeople) writes.
do $$
begin
  if not exists (select from pg_roles where rolname = 'crm_owner') then
    create role crm_owner nologin;
  end if;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  if not exists (select from pg_roles where rolname = 'crm_world') then
    create role crm_world login;
  end if;
exception when duplicate_object or unique_violation then null;
end $$;

create schema crm authorization crm_owner;
create schema world authorization crm_owner;
set local role crm_owner;

create table crm.lead (
  id bigint primary key,
  email text not null unique,
  crm_id text not null unique,
  phone text,
  lead_status text not null,
  updated_at timestamptz not null
);

create table crm.lead_history (
  id bigint generated always as identity primary key,
  lead_id bigint not null references crm.lead,
  field text not null,
  old text,
  new text,
  at timestamptz not null,
  run text,
  by text not null
);
create index lead_history_lead on crm.lead_history (lead_id);

create table crm.campaign_member (
  run text not null,
  lead_id bigint not null references crm.lead,
  joined_at timestamptz not null,
  primary key (run, lead_id)
);

create table crm.list_member (
  list text not null,
  lead_id bigint not null references crm.lead,
  primary key (list, lead_id)
);

create table crm.campaign (
  id bigint primary key,
  name text not null,
  active boolean not null
);

-- The instant of a write. The sample's past is written by setting crm.at, so
-- that a story told in two minutes has a week of history.
create function crm.instant() returns timestamptz
language sql stable set search_path = '' as $$
  select coalesce(nullif(current_setting('crm.at', true), '')::timestamptz, clock_timestamp())
$$;

create function crm.lead_touch() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := crm.instant();
  return new;
end $$;

-- The history names the run that wrote: a campaign by crm.run, a rollback by
-- snafu.rollback_id, a person by neither.
create function crm.lead_log() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into crm.lead_history (lead_id, field, old, new, at, run, by)
  values (new.id, 'lead_status', old.lead_status, new.lead_status, crm.instant(),
          coalesce(nullif(current_setting('crm.run', true), ''), nullif(current_setting('snafu.rollback_id', true), '')),
          coalesce(nullif(current_setting('crm.by', true), ''), session_user));
  return null;
end $$;

create trigger lead_touch before update on crm.lead
  for each row execute function crm.lead_touch();
create trigger lead_log after update of lead_status on crm.lead
  for each row execute function crm.lead_log();

grant usage on schema crm, world to crm_world;
grant select on all tables in schema crm to crm_world;
grant insert (id, email, crm_id, phone, lead_status, updated_at), update (phone, lead_status) on crm.lead to crm_world;
grant insert on crm.campaign_member, crm.list_member, crm.campaign to crm_world;
grant update (active) on crm.campaign to crm_world;

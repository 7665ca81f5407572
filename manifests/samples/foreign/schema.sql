-- A database that has nothing in common with the other sample: German names in
-- mixed case, a dot in the schema's name, keys of two texts, an enum, a domain
-- over a number, instants, NULL as a value, partitions everywhere. Nothing in
-- it knows of snafu, save that its history asks who writes.
create schema "Versand 2.0";

create type "Versand 2.0"."Auftragsstatus" as enum ('offen', 'in Arbeit', 'versandt', 'storniert');
create domain "Versand 2.0"."Prozent" as numeric(5, 2) check (value between 0 and 100);

create table "Versand 2.0"."Auftrag" (
  "Mandant" text not null,
  "Nr." varchar(12) not null,
  "Status" "Versand 2.0"."Auftragsstatus",
  "Rabatt" "Versand 2.0"."Prozent",
  "Liefertermin" timestamptz,
  "E-Mail" text,
  "Bemerkung" text not null default '',
  "geändert am" timestamptz not null default now(),
  primary key ("Mandant", "Nr.")
) partition by list ("Mandant");
create table "Versand 2.0"."Auftrag Nord" partition of "Versand 2.0"."Auftrag" for values in ('Nord');
create table "Versand 2.0"."Auftrag Süd" partition of "Versand 2.0"."Auftrag" for values in ('Süd');
create table "Versand 2.0"."Auftrag übrige" partition of "Versand 2.0"."Auftrag" default;

-- Every change of a field, under its own short name, at local time.
create table "Versand 2.0"."Änderung" (
  "Folge" bigint generated always as identity,
  "Mandant" text not null,
  "Auftrag" varchar(12) not null,
  "Feld" char(2) not null,
  "vorher" text,
  "nachher" text,
  "Zeit" timestamp not null default (clock_timestamp() at time zone 'Europe/Berlin'),
  "Lauf" text,
  "Wer" name not null default session_user,
  primary key ("Folge", "Zeit")
) partition by range ("Zeit");
create table "Versand 2.0"."Änderung bis 2025" partition of "Versand 2.0"."Änderung" for values from (minvalue) to ('2026-01-01');
create table "Versand 2.0"."Änderung seither" partition of "Versand 2.0"."Änderung" for values from ('2026-01-01') to (maxvalue);

-- A run works on a campaign; the campaign knows its orders.
create table "Versand 2.0"."Lauf" (
  "Kennung" text primary key,
  "Kampagne" text
);
create table "Versand 2.0"."Kampagne/Auftrag" (
  "Kampagne" text not null,
  "Mandant" text not null,
  "Nr." varchar(12) not null,
  "seit" timestamptz not null default clock_timestamp(),
  primary key ("Kampagne", "Mandant", "Nr.")
);
create table "Versand 2.0"."Liste" (
  "Name" text not null,
  "Mandant" text not null,
  "Nr." varchar(12) not null
);

-- The history is written as its users read it: in their time zone, numbers
-- without trailing zeros.
create function "Versand 2.0"."protokolliere"() returns trigger language plpgsql security definer
set "search_path" = '' set "TimeZone" = 'Europe/Berlin' as $$
declare
  wer_schreibt text := coalesce(nullif(current_setting('versand.lauf', true), ''), nullif(current_setting('snafu.rollback_id', true), ''));
begin
  insert into "Versand 2.0"."Änderung" ("Mandant", "Auftrag", "Feld", "vorher", "nachher", "Lauf")
  select new."Mandant", new."Nr.", feld, vorher, nachher, wer_schreibt
    from (values ('ST', old."Status"::text, new."Status"::text),
                 ('RB', trim_scale(old."Rabatt")::text, trim_scale(new."Rabatt")::text),
                 ('LT', old."Liefertermin"::text, new."Liefertermin"::text)) as f (feld, vorher, nachher)
   where vorher is distinct from nachher;
  return null;
end $$;
create trigger "protokolliere" after update on "Versand 2.0"."Auftrag"
  for each row execute function "Versand 2.0"."protokolliere"();

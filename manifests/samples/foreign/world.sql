-- Six hundred orders of three clients.
insert into "Versand 2.0"."Auftrag" ("Mandant", "Nr.", "Status", "Rabatt", "Liefertermin", "E-Mail")
select m, 'A-' || lpad(n::text, 4, '0'),
       (array['offen', 'in Arbeit', 'versandt', null])[n % 4 + 1]::"Versand 2.0"."Auftragsstatus",
       (array[null, 5, 12.5])[n % 3 + 1],
       case when n % 2 = 0 then timestamptz '2026-03-28 08:00+01' else timestamptz '2026-04-02 14:30+02' end,
       'kunde' || n || '@example.com'
  from unnest(array['Nord', 'Süd', 'Café "Eck"']) m, generate_series(1, 200) n;

insert into "Versand 2.0"."Lauf" values ('Lauf 0815', 'Frühling'), ('Lauf 0816', 'Sommer');
insert into "Versand 2.0"."Kampagne/Auftrag" ("Kampagne", "Mandant", "Nr.")
select 'Frühling', "Mandant", "Nr." from "Versand 2.0"."Auftrag" where right("Nr.", 4)::int <= 150;
insert into "Versand 2.0"."Liste"
select 'Osterliste', "Mandant", "Nr." from "Versand 2.0"."Auftrag" where right("Nr.", 4)::int <= 100;

-- The erroneous run: every order of the campaign is cancelled, gets a discount
-- that nobody meant, and loses its date of delivery.
set "versand.lauf" = 'Lauf 0815';
update "Versand 2.0"."Auftrag" a
   set "Status" = 'storniert', "Rabatt" = 99.9, "Liefertermin" = null
  from "Versand 2.0"."Kampagne/Auftrag" k
 where k."Kampagne" = 'Frühling' and k."Mandant" = a."Mandant" and k."Nr." = a."Nr.";
reset "versand.lauf";

-- People go on working: three orders are changed, one value comes back, one
-- order is deleted.
update "Versand 2.0"."Auftrag" set "Status" = 'offen', "Rabatt" = 1, "Liefertermin" = '2026-05-01 10:00+02'
 where "Mandant" = 'Süd' and "Nr." in ('A-0001', 'A-0002', 'A-0003');
update "Versand 2.0"."Auftrag" set "Status" = 'offen', "Rabatt" = 2, "Liefertermin" = now() where "Mandant" = 'Nord' and "Nr." = 'A-0007';
update "Versand 2.0"."Auftrag" set "Status" = 'storniert', "Rabatt" = 99.90, "Liefertermin" = null where "Mandant" = 'Nord' and "Nr." = 'A-0007';
delete from "Versand 2.0"."Auftrag" where "Mandant" = 'Café "Eck"' and "Nr." = 'A-0009';

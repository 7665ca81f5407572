-- Each query finds what must never be. It is run after every test of a fault.

-- A settled receipt keeps no payload, an open one does.
select 'receipt with payload and outcome', key from receipts where (outcome is null) = (payload is null);

-- Who did something in the journal was heard, or is a part of the program.
select 'entry without receipt', j.chain || ' #' || j.seq from journal j
 where j.actor not like 'system:%'
   and not exists (select from receipts r where regexp_replace(j.act_key, '^anyway:', '') like 'receipt:' || r.key || '%' or j.act_key = 'review:' || r.key)
   and j.act_key not like 'review:%';

-- One act makes one entry of a kind.
select 'act told twice', act_key || ' ' || kind from journal where chain > 0 group by act_key, kind, detail having count(*) > 1;

-- What was told was written first.
select 'step without entry', s.incident || ' #' || s.seq from delivery_steps s
 where not exists (select from journal j where j.chain = s.incident and j.seq = s.seq);

-- Every entry of an incident is told, or still has its turn.
select 'entry nobody tells', j.chain || ' #' || j.seq from journal j
 where j.chain > 0 and not exists (select from deliveries d where d.incident = j.chain and d.seq = j.seq);

-- What happens outside snafu, as functions that run with the rights of
-- crm_world. Every instant is an offset of t0, the moment the story begins.
set local role crm_owner;

-- Writes one status as a campaign run does: a member, an update, whatever the
-- status was before. The list holds the members but those with id % 94 = 0.
create function world.write(who bigint, status text, run_name text, at timestamptz) returns void
language plpgsql set search_path = '' as $$
begin
  perform set_config('crm.run', run_name, true), set_config('crm.by', 'campaign', true), set_config('crm.at', at::text, true);
  update crm.lead set lead_status = status where id = who;
  insert into crm.campaign_member (run, lead_id, joined_at) values (run_name, who, at);
  insert into crm.list_member (list, lead_id) select run_name, who where who % 94 <> 0;
  perform set_config('crm.run', '', true), set_config('crm.by', '', true), set_config('crm.at', '', true);
end $$;

-- The leads as they were eight days before t0, and the campaign.
create function world.load(t0 timestamptz) returns void
language plpgsql set search_path = '' as $$
begin
  insert into crm.campaign (id, name, active) values (7, 'Weekly stage sync', true);
  insert into crm.lead (id, email, crm_id, phone, lead_status, updated_at)
  select n, format('lead%s@example.test', lpad(n::text, 4, '0')), '00Q' || lpad(n::text, 12, '0'),
         case when n % 9 <> 0 then '+1555' || lpad(n::text, 7, '0') end,
         case when n <= 1176 then 'Prospect' when n <= 2176 then 'Nurturing' when n <= 2926 then 'MQL' else 'Customer' end,
         t0 - interval '8 days'
    from generate_series(1, 3000) as n;
end $$;

-- The run of a week before, which was right: everybody one stage further.
create function world.weekly_41(t0 timestamptz) returns void
language plpgsql set search_path = '' as $$
begin
  perform world.write(id, case lead_status when 'Prospect' then 'Nurturing' when 'Nurturing' then 'MQL' else 'SQL' end,
                      'weekly-41', t0 - interval '7 days' + id * interval '0.5 s')
     from crm.lead where id between 501 and 2926 order by id;
end $$;

-- The erroneous run: everybody becomes SQL. Slice 1 runs before t0, one lead a
-- second; slices 2 and 3 run when they are called. Slice 3, the customers, runs
-- only while the campaign is switched on. Returns how many leads were written.
create function world.weekly_42(slice int, t0 timestamptz) returns bigint
language plpgsql set search_path = '' as $$
declare
  written bigint;
begin
  if slice = 3 and not (select active from crm.campaign where id = 7) then
    return 0;
  end if;
  select count(world.write(id, 'SQL', 'weekly-42', case when slice = 1 then t0 - interval '47 min' + id * interval '1 s' else clock_timestamp() end))
    into written
    from (select id from crm.lead
           where id between (array[1, 2501, 2927])[slice] and (array[2500, 2926, 3000])[slice] order by id) as due;
  return written;
end $$;

-- Rosa, in sales, knows seven of the leads and corrects them by hand.
create function world.rosa() returns bigint
language plpgsql set search_path = '' as $$
declare
  written bigint;
begin
  perform set_config('crm.by', 'rosa', true);
  update crm.lead set lead_status = 'Disqualified' where id in (1, 2, 3, 501, 502, 503, 504);
  get diagnostics written = row_count;
  perform set_config('crm.by', '', true);
  return written;
end $$;

-- Somebody updates a phone number: the record changes, its status does not.
create function world.phone() returns void
language sql set search_path = '' as $$
  update crm.lead set phone = '+15559999999' where id = 10
$$;

-- The campaign with its per-stage choices back: everybody whose stage is older
-- than six days goes one stage further. Returns how many leads were written.
create function world.weekly_43() returns bigint
language plpgsql set search_path = '' as $$
declare
  written bigint;
begin
  if not (select active from crm.campaign where id = 7) then
    return 0;
  end if;
  select count(world.write(id, case lead_status when 'Prospect' then 'Nurturing' when 'Nurturing' then 'MQL' else 'SQL' end,
                           'weekly-43', clock_timestamp()))
    into written
    from (select id, lead_status from crm.lead
           where lead_status in ('Prospect', 'Nurturing', 'MQL') and updated_at < clock_timestamp() - interval '6 days' order by id) as due;
  return written;
end $$;

revoke all on all functions in schema world from public;
grant execute on all functions in schema world to crm_world;

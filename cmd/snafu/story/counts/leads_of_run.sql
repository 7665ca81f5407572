-- What the leads that a run touched are now.
select l.lead_status, count(distinct l.id)
  from crm.lead_history h join crm.lead l on l.id = h.lead_id
 where h.run = :run
 group by 1 order by 2 desc

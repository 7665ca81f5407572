-- +goose Up

-- When each milestone of an incident was reached, for the first and the last
-- time: written with the fact that is the milestone, never computed from what
-- was changed last.
create table milestones (
    incident bigint      not null,
    name     text        not null collate "C" check (name <> ''),
    first_at timestamptz not null,
    last_at  timestamptz not null,
    times    bigint      not null default 1 check (times > 0),
    primary key (incident, name),
    constraint milestones_first_comes_first check (first_at <= last_at)
);
grant select, insert, update (last_at, times) on milestones to snafu_app;

-- Incidents that are older than this table have their milestones in the journal.
insert into milestones (incident, name, first_at, last_at, times)
select j.chain, m.name, min(j.at), max(j.at), count(*)
  from journal j
  join (values
        ('opened/1', 'opened'), ('called/1', 'called'), ('call-answered/1', 'answered'),
        ('contained/1', 'contained'), ('uncontained/1', 'uncontained'), ('plan-proposed/1', 'proposed'),
        ('plan-approved/1', 'approved'), ('run-claimed/1', 'started'), ('verified/1', 'verified'),
        ('resolved/1', 'resolved'), ('reopened/1', 'reopened'), ('closed/1', 'closed'),
        ('approval-refused/1', 'refused'), ('undo-drafted/1', 'undone'),
        ('measured/1', 'decided'), ('decided/1', 'decided'), ('answered/1', 'customers')
       ) as m (kind, name) on m.kind = j.kind
 where j.chain > 0
   and (j.kind not in ('measured/1', 'decided/1') or j.detail ->> 'undecided' = '0')
   and (j.kind <> 'measured/1' or coalesce(j.detail ->> 'members', '0') <> '0')
   and (j.kind <> 'answered/1' or j.detail ->> 'question' = '9' and j.detail -> 'choices' @> '["some"]')
 group by j.chain, m.name;

-- What an incident came to stands in the entry that resolved it.
create index journal_resolved on journal (chain, seq) where kind = 'resolved/1';

-- Thousands of closed incidents lie beside the few that are open: what is asked
-- all day long never walks through them.
create index incidents_worst_first on incidents ((phase in ('closed', 'cancelled')), (phase = 'resolved'), severity, id desc);
create index incidents_over on incidents (severity, id desc) where phase in ('closed', 'cancelled');

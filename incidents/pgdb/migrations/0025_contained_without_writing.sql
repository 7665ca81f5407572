-- +goose Up

-- A plan may contain its records without writing any: a list is kept of them, or
-- what would harm them is off. Nobody is asked to approve such a plan, and it is
-- done without a run.
alter table revisions drop constraint revisions_proposed_or_not;
alter table revisions add constraint revisions_proposed_or_not
	check (proposed_at is not null or state in ('draft', 'frozen', 'superseded', 'withdrawn', 'expired') or state = 'done' and writes = 0);

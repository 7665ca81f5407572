-- +goose Up

-- What people say of a plan before they ask for approvals: who was asked in IT,
-- with whom it was discussed, or why not. It is of the plan, not of a revision,
-- and does not change while people approve.
alter table plans
    add column asked text not null default '',
    add column discussed text not null default '',
    add column undiscussed text not null default '';
grant update (asked, discussed, undiscussed) on plans to snafu_app;

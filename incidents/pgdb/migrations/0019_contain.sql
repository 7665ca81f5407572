-- +goose Up

-- The lead lets other plans write though this one has not parked what it was to
-- park: who said so, and why. For ever.
alter table plans
    add column waived_by text collate "C",
    add column waived_why text,
    add constraint plans_waived_with_why check ((waived_by is null) = (waived_why is null) and waived_why <> '');
grant update (waived_by, waived_why) on plans to snafu_app;

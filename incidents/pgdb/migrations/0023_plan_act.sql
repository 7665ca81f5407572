-- +goose Up

-- The act that began a plan: its second try after a crash finds the plan that the
-- first one made, whatever others have planned since. Plans of before have none.
alter table plans add column act text unique check (act <> '');
grant insert (act) on plans to snafu_app;

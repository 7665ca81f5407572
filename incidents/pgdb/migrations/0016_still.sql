-- +goose Up

-- Whoever answered a call was asked then whether they still are on it.
alter table pages add column asked_at timestamptz;
grant update (asked_at) on pages to snafu_app;

-- What was closed last is found without walking through all that was closed.

-- +goose Up

create index incidents_last_ended on incidents (closed_at desc, id desc) where phase in ('closed', 'cancelled');

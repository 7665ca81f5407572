-- +goose Up

-- What each calendar said, and from when: one row for each copy that says otherwise
-- than the one before, so that who was on call then stays answerable.
create table calendar_copies (
	rota       text        not null,
	valid_from timestamptz not null,
	body       bytea       not null,
	primary key (rota, valid_from)
);

insert into calendar_copies (rota, valid_from, body)
select rota, good_at, body
from calendars
where body is not null;

grant select, insert on calendar_copies to snafu_app;

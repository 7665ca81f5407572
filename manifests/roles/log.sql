-- The roles of snafu's own database, the log.
--
-- Run it as an administrator, connected to that database, once per database and
-- again after each upgrade; a second run changes nothing:
--
--   psql "$ADMIN_URL" -v ON_ERROR_STOP=1 -f manifests/roles/log.sql
--
-- Then give the three logins their passwords, for example with
--   \password snafu_app
--
--   snafu_owner    owns schema and tables; nobody logs in as it
--   snafu_migrate  may act as the owner; used by "snafu migrate" alone
--   snafu_app      the bot; can neither change nor remove a line of the journal
--   snafu_verify   reads the journal for "snafu audit verify"
--   snafu_redactor may blank the text of a journal line; granted to nobody

begin;

-- Roles belong to the whole server, so two runs at once would meet.
select pg_advisory_xact_lock(7233726684718);

do $roles$
declare
	wanted text;
begin
	foreach wanted in array array['snafu_owner', 'snafu_migrate', 'snafu_app', 'snafu_verify', 'snafu_redactor'] loop
		if not exists (select from pg_roles where rolname = wanted) then
			begin
				execute format('create role %I nologin', wanted);
			exception when duplicate_object or unique_violation then
				null; -- another run was faster
			end;
		end if;
	end loop;

	foreach wanted in array array['snafu_migrate', 'snafu_app', 'snafu_verify'] loop
		if exists (select from pg_roles where rolname = wanted and not rolcanlogin) then
			execute format('alter role %I login', wanted);
		end if;
	end loop;

	-- The owner's rights are put on by "set role", never carried along.
	if exists (select from pg_roles where rolname = 'snafu_migrate' and rolinherit) then
		alter role snafu_migrate noinherit;
	end if;
	if not exists (
		select from pg_auth_members
		where roleid = 'snafu_owner'::regrole and member = 'snafu_migrate'::regrole
	) then
		grant snafu_owner to snafu_migrate;
	end if;
	if exists (
		select from pg_auth_members
		where roleid in ('snafu_owner'::regrole, 'snafu_migrate'::regrole, 'snafu_redactor'::regrole)
		  and member in ('snafu_app'::regrole, 'snafu_verify'::regrole)
	) then
		raise exception 'snafu_app or snafu_verify is a member of a role above it. Revoke that first.';
	end if;
	if exists (
		select from pg_roles
		where rolname in ('snafu_owner', 'snafu_migrate', 'snafu_app', 'snafu_verify', 'snafu_redactor')
		  and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
	) then
		raise exception 'A role of snafu is a superuser, or may create roles or databases, replicate, or bypass row security. Take that away first.';
	end if;
end
$roles$;

do $database$
declare
	here text := current_database();
begin
	execute format('revoke all on database %I from public', here);
	execute format('grant connect, create on database %I to snafu_owner', here);
	execute format('grant connect on database %I to snafu_migrate, snafu_app, snafu_verify', here);
	revoke create on schema public from public;

	execute format('alter role snafu_app in database %I set search_path = snafu', here);
	execute format('alter role snafu_verify in database %I set search_path = snafu', here);
	execute format('alter role snafu_verify in database %I set default_transaction_read_only = on', here);
end
$database$;

commit;

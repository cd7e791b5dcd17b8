"""The wall: signed contexts, circles, the access log, and what every table about a child gets from ``wall.protect``."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CONTEXT = r"""
create schema wall;
grant usage on schema wall to tillsammans_program;

-- The key stands where the program's role cannot read it: whoever gets hold of the program's connection can set
-- the setting, but cannot sign it, and an unsigned context is no context.
create table wall.signing_key (inner_pad bytea not null, outer_pad bytea not null);

create function wall.context() returns text[]
language plpgsql stable parallel safe security definer set search_path = '' as $$
declare
    raw text := current_setting('tillsammans.context', true);
    pads wall.signing_key;
begin
    if raw is null or raw = '' then
        return null;
    end if;
    select * into pads from wall.signing_key limit 1;
    if left(raw, 64) is distinct from
       encode(sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(substr(raw, 65), 'UTF8'))), 'hex') then
        return null;
    end if;
    return string_to_array(substr(raw, 65), '|');
end $$;

create function wall.party() returns uuid language sql stable parallel safe
    as $$ select nullif((wall.context())[1], '')::uuid $$;
create function wall.authority() returns uuid language sql stable parallel safe
    as $$ select nullif((wall.context())[2], '')::uuid $$;
create function wall.actor() returns uuid language sql stable parallel safe
    as $$ select nullif((wall.context())[3], '')::uuid $$;
create function wall.instant() returns timestamptz language sql stable parallel safe
    as $$ select nullif((wall.context())[4], '')::timestamptz $$;
"""

CIRCLES = r"""
create table circle_members (
    id uuid primary key,
    circle_id uuid not null,
    party_id uuid not null,
    authority_id uuid,
    standing text not null check (standing in ('owner', 'member', 'guardian', 'child')),
    joined_at timestamptz not null,
    left_at timestamptz
);
create unique index uq_circle_members_current on circle_members (circle_id, party_id) where left_at is null;
create unique index uq_circle_members_owner on circle_members (circle_id) where left_at is null and standing = 'owner';
create index ix_circle_members_party on circle_members (party_id, circle_id desc) where left_at is null;

-- What is open now, and on which basis. History stands in consents, disclosures and the access log.
create table circle_grants (
    id uuid primary key default gen_random_uuid(),
    circle_id uuid not null,
    party_id uuid not null,
    steward_id uuid not null,
    categories text[] not null check (cardinality(categories) > 0),
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    basis text not null
        check (basis in ('owner', 'authority', 'consent', 'disclosure', 'transfer', 'guardian', 'child')),
    basis_id uuid not null,
    unique (circle_id, party_id, basis, basis_id)
);
create index ix_circle_grants_party on circle_grants (party_id, circle_id desc);
create index ix_circle_grants_basis on circle_grants (basis_id);

alter table circle_grants enable row level security;
create policy own on circle_grants to tillsammans_program
    using (party_id = (select wall.party()) or steward_id = (select wall.party()));
grant select on circle_grants to tillsammans_program;

-- `offset 0` keeps the planner from hashing every grant of the caller first: one look into the index per row instead
-- (30 ms to 1 ms for one case of a unit with 12,000 grants; `make bench`).
alter table circle_members enable row level security;
create policy circle on circle_members to tillsammans_program using (
    exists (
        select 1 from circle_grants g
        where g.circle_id = circle_members.circle_id and g.party_id = (select wall.party())
          and g.valid_from <= (select wall.instant()) and g.valid_until > (select wall.instant())
        offset 0
    )
);
grant select on circle_members to tillsammans_program;

create function wall.owns(circle uuid) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (
        select 1 from public.circle_members m
        where m.circle_id = circle and m.party_id = wall.party() and m.standing = 'owner' and m.left_at is null
    )
$$;

create function wall.open_circle(circle uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
    if wall.party() is null then
        raise insufficient_privilege using message = 'no context';
    end if;
    insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    values (gen_random_uuid(), circle, wall.party(), wall.authority(), 'owner', wall.instant());
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    values (circle, wall.party(), wall.party(), array['core'], '-infinity', 'infinity', 'owner', circle);
end $$;

create function wall.join_circle(circle uuid, member uuid, member_authority uuid, as_standing text) returns void
language plpgsql security definer set search_path = '' as $$
begin
    if not wall.owns(circle) or as_standing = 'owner' then
        raise insufficient_privilege using message = 'only the owner invites into a circle';
    end if;
    insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    values (gen_random_uuid(), circle, member, member_authority, as_standing, wall.instant())
    on conflict (circle_id, party_id) where left_at is null do nothing;
end $$;

create function wall.leave_circle(circle uuid, member uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
    if not (wall.owns(circle) or member = wall.party()) then
        raise insufficient_privilege using message = 'only the owner or the member itself ends a membership';
    end if;
    update public.circle_members set left_at = wall.instant()
    where circle_id = circle and party_id = member and left_at is null and standing <> 'owner';
    delete from public.circle_grants where circle_id = circle and party_id = member and basis <> 'owner';
end $$;

-- The family may open its own circle by consenting; nobody else but the owner can.
create function wall.grant_access(
    circle uuid, member uuid, opened text[], starts timestamptz, ends timestamptz, on_basis text, on_basis_id uuid
) returns void
language plpgsql security definer set search_path = '' as $$
declare
    steward uuid;
begin
    if not exists (
        select 1 from public.circle_members m
        where m.circle_id = circle and m.party_id = wall.party() and m.left_at is null
          and (m.standing = 'owner' or (m.standing in ('guardian', 'child') and on_basis = 'consent'))
    ) then
        raise insufficient_privilege using message = 'only the owner, or the family by consent, opens a circle';
    end if;
    if not exists (
        select 1 from public.circle_members m
        where m.circle_id = circle and m.party_id = member and m.left_at is null
    ) then
        raise insufficient_privilege using message = 'only a member can be given access';
    end if;
    select party_id into steward from public.circle_members m
    where m.circle_id = circle and m.standing = 'owner' and m.left_at is null;
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    values (circle, member, steward, opened || array['core'], starts, ends, on_basis, on_basis_id)
    on conflict (circle_id, party_id, basis, basis_id) do update
        set categories = excluded.categories, valid_from = excluded.valid_from, valid_until = excluded.valid_until;
end $$;

-- Taking away is always allowed to whoever is in the circle: it can only make the circle smaller.
create function wall.revoke_access(on_basis_id uuid) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
    closed bigint;
begin
    delete from public.circle_grants g
    where g.basis_id = on_basis_id and g.basis not in ('owner') and exists (
        select 1 from public.circle_members m
        where m.circle_id = g.circle_id and m.party_id = wall.party() and m.left_at is null
    );
    get diagnostics closed = row_count;
    return closed;
end $$;

create function wall.hand_over_circle(circle uuid, receiver uuid, receiver_authority uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
    giver uuid;
begin
    -- Either the owner gives it, or the receiver takes what the owner has offered by a transfer grant.
    if not wall.owns(circle) and not exists (
        select 1 from public.circle_grants g
        where g.circle_id = circle and g.party_id = wall.party() and g.basis = 'transfer' and receiver = wall.party()
          and g.valid_from <= wall.instant() and g.valid_until > wall.instant()
    ) then
        raise insufficient_privilege using message = 'no offered hand-over';
    end if;
    select party_id into giver from public.circle_members m
    where m.circle_id = circle and m.standing = 'owner' and m.left_at is null;
    update public.circle_members set left_at = wall.instant()
    where circle_id = circle and party_id in (giver, receiver) and left_at is null;
    insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    values (gen_random_uuid(), circle, receiver, receiver_authority, 'owner', wall.instant());
    delete from public.circle_grants where circle_id = circle and party_id = giver;
    update public.circle_grants set steward_id = receiver where circle_id = circle;
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    values (circle, receiver, receiver, array['core'], '-infinity', 'infinity', 'owner', circle);
end $$;
"""

LOG = r"""
create table access_log_epochs (epoch smallint primary key, began_at timestamptz not null default now());
insert into access_log_epochs (epoch) values (1);

create function wall.epoch() returns smallint language sql stable security definer set search_path = ''
    as $$ select max(epoch) from public.access_log_epochs $$;

create table access_log (
    id uuid primary key,
    epoch smallint not null default wall.epoch(),
    xact bigint not null default pg_current_xact_id()::text::bigint,
    logged_at timestamptz not null,
    kind text not null check (kind in ('look', 'change', 'refusal')),
    action text not null,
    permission text not null,
    outcome text not null check (outcome in ('allowed', 'denied')),
    user_id uuid,
    client_id text,
    role text,
    assignment_id uuid,
    unit_id uuid,
    authority_id uuid,
    controller_id uuid,
    object_type text not null,
    object_id uuid,
    circle_id uuid,
    child_id uuid,
    basis text,
    reason text,
    changed text[] not null default '{}',
    trace_id text not null
);
create index ix_access_log_xact on access_log (epoch, xact);
create index ix_access_log_circle on access_log (circle_id, id desc);
create index ix_access_log_child on access_log (child_id, id desc) where child_id is not null;
create index ix_access_log_controller on access_log (controller_id, id desc);

-- A refused stranger cannot know whose record it was; the log does.
create function wall.name_controller() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    select m.authority_id, m.circle_id into new.controller_id, new.circle_id
    from public.circle_members m
    where m.circle_id = coalesce(new.circle_id, new.object_id) and m.standing = 'owner' and m.left_at is null;
    return new;
end $$;
create trigger name_controller before insert on access_log
    for each row when (new.controller_id is null and coalesce(new.circle_id, new.object_id) is not null)
    execute function wall.name_controller();

alter table access_log enable row level security;
create policy own_entry on access_log for insert to tillsammans_program
    with check (user_id is not distinct from (select wall.actor()));
create policy review on access_log for select to tillsammans_program using (
    controller_id = (select wall.authority())
    or user_id = (select wall.actor())
    or exists (
        select 1 from circle_members m
        where m.circle_id = access_log.circle_id and m.party_id = (select wall.party())
          and m.standing in ('guardian', 'child') and m.left_at is null
        offset 0
    )
);
grant select on access_log to tillsammans_program;
-- Not epoch and xact: an entry cannot claim to belong to another transaction.
grant insert (
    id, logged_at, kind, action, permission, outcome, user_id, client_id, role, assignment_id, unit_id, authority_id,
    controller_id, object_type, object_id, circle_id, child_id, basis, reason, changed, trace_id
) on access_log to tillsammans_program;

create table access_log_seals (
    number bigint primary key,
    epoch smallint not null,
    xact_from bigint not null,
    xact_to bigint not null,
    entries integer not null,
    leaves bytea not null,
    previous bytea not null,
    seal bytea not null,
    sealed_at timestamptz not null
);
grant select, insert on access_log_seals to tillsammans_program;
grant select on access_log_epochs to tillsammans_program;

-- One entry's fingerprint. Version 1: a new column needs a new version, never a new meaning of this one.
create function wall.leaf(entry access_log) returns bytea
language sql stable set search_path = '' set timezone = 'UTC' as $$
    select sha256(convert_to(jsonb_build_array(
        1, entry.id, entry.epoch, entry.xact, entry.logged_at, entry.kind, entry.action, entry.permission,
        entry.outcome, entry.user_id, entry.client_id, entry.role, entry.assignment_id, entry.unit_id,
        entry.authority_id, entry.controller_id, entry.object_type, entry.object_id, entry.circle_id, entry.child_id,
        entry.basis, entry.reason, to_jsonb(entry.changed), entry.trace_id
    )::text, 'UTF8'))
$$;

create function wall.leaves(in_epoch smallint, from_xact bigint, to_xact bigint)
returns table (entry_id uuid, entry_leaf bytea)
language sql stable security definer set search_path = '' as $$
    select l.id, wall.leaf(l) from public.access_log l
    where l.epoch = in_epoch and l.xact >= from_xact and l.xact < to_xact
    order by l.xact, l.id
$$;

-- Every transaction below the horizon has ended: nothing can be added to such a range later.
create function wall.horizon() returns bigint language sql volatile
    as $$ select pg_snapshot_xmin(pg_current_snapshot())::text::bigint $$;

create function wall.must_be_named() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    circle uuid := (to_jsonb(new) ->> tg_argv[0])::uuid;
begin
    if not exists (
        select 1 from public.access_log l
        where l.epoch = wall.epoch() and l.xact = pg_current_xact_id()::text::bigint and l.kind = 'change'
          and (l.circle_id = circle or l.object_id = new.id or l.object_id = circle)
    ) then
        raise exception 'unnamed change of %', tg_table_name using errcode = 'raise_exception', hint = 'unnamed-change';
    end if;
    return null;
end $$;

-- A row never leaves its circle, and changes owner only to the circle's own new owner.
create function wall.stays_in_place() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    here uuid := (to_jsonb(old) ->> tg_argv[0])::uuid;
begin
    if (to_jsonb(new) ->> tg_argv[0])::uuid is distinct from here
       or new.owner_unit_id is distinct from wall.party() or not wall.owns(here) then
        raise insufficient_privilege using message = 'a row stays in its circle and with its owner';
    end if;
    return new;
end $$;

-- What every table about a child gets: rights without delete, the one policy, and the named change. What is written
-- needs an open circle too: nobody places something before the eyes of a circle that has not let them in.
-- circle: the column that holds the circle. category: an SQL expression for the row's information category.
create procedure wall.protect(target regclass, circle text, category text) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format($policy$
        create policy circle on %1$s to tillsammans_program using (
            owner_unit_id = (select wall.party())
            or exists (
                select 1 from circle_grants g
                where g.circle_id = %1$s.%2$I and g.party_id = (select wall.party())
                  and %3$s = any (g.categories)
                  and g.valid_from <= (select wall.instant()) and g.valid_until > (select wall.instant())
                offset 0
            )
        ) with check (
            exists (
                select 1 from circle_grants g
                where g.circle_id = %1$s.%2$I and g.party_id = (select wall.party())
                  and (%3$s = any (g.categories) or owner_unit_id = (select wall.party()))
                  and g.valid_from <= (select wall.instant()) and g.valid_until > (select wall.instant())
                offset 0
            )
        )$policy$, target, circle, category);
    execute format($trigger$
        create trigger stays_in_place before update on %1$s for each row
        when (old.%2$I is distinct from new.%2$I or old.owner_unit_id is distinct from new.owner_unit_id
              or old.owner_authority_id is distinct from new.owner_authority_id)
        execute function wall.stays_in_place(%2$L)$trigger$, target, circle);
    execute format('grant select, insert, update on %s to tillsammans_program', target);
    call wall.name_changes(target, circle);
end $$;

create procedure wall.name_changes(target regclass, circle text) language plpgsql as $$
begin
    execute format($trigger$
        create constraint trigger must_be_named after insert or update on %s
        deferrable initially deferred for each row execute function wall.must_be_named(%L)$trigger$, target, circle);
end $$;
"""

DOOR = r"""
create table idempotency_keys (
    caller_id uuid not null,
    key text not null,
    operation text not null,
    fingerprint bytea not null,
    status smallint not null,
    headers jsonb not null,
    body bytea not null,
    created_at timestamptz not null,
    primary key (caller_id, key)
);
create index ix_idempotency_keys_created_at on idempotency_keys (created_at);
alter table idempotency_keys enable row level security;
create policy own on idempotency_keys to tillsammans_program
    using (caller_id = (select wall.actor()));
grant select, insert on idempotency_keys to tillsammans_program;

create function wall.forget_idempotency_keys(before timestamptz) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
    forgotten bigint;
begin
    -- Never younger than the 24 hours that the contract promises.
    delete from public.idempotency_keys where created_at < least(before, now() - interval '24 hours');
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;

create table deadlines (
    id uuid primary key,
    circle_id uuid not null,
    child_id uuid not null,
    subject_type text not null,
    subject_id uuid not null,
    code text not null,
    kind text not null check (kind in ('statutory', 'agreement')),
    legal_basis text not null,
    start_event text not null,
    started_at timestamptz not null,
    due_at timestamptz not null,
    original_due_at timestamptz not null,
    extension_reason text,
    extended_by uuid,
    met_at timestamptz,
    owner_unit_id uuid not null,
    owner_authority_id uuid not null,
    municipality_code text,
    version integer not null default 1,
    check ((extension_reason is null) = (extended_by is null)),
    check (extension_reason is not null or due_at = original_due_at)
);
create index ix_deadlines_open on deadlines (owner_unit_id, due_at, id) where met_at is null;
create index ix_deadlines_subject on deadlines (subject_id);
create index ix_deadlines_circle on deadlines (circle_id);
call wall.protect('deadlines', 'circle_id', '''core''');
"""


def upgrade() -> None:
    for step in (CONTEXT, CIRCLES, LOG, DOOR):
        op.execute(step)


def downgrade() -> None:
    op.execute(
        "drop table deadlines, idempotency_keys, access_log_seals, access_log, circle_grants, circle_members cascade"
    )
    op.execute("drop schema wall cascade")
    op.execute("drop table access_log_epochs")

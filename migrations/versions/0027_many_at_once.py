"""Many at once: circles opened together, and a named change found as fast among thousands as among few.

A file of cases is thousands of changes in one transaction. Whether a changed row is named in the access log was looked
up among all entries of the transaction; now it is looked up among those of the row's own circle. What must be named,
and what counts as a name, is what it was.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CIRCLES = r"""
-- The family's own categories, as ``wall.hand_in_with`` opens them too.
create function wall.family_reads(standing text) returns text[] language sql immutable parallel safe
    as $$ select case standing when 'child' then array['plan', 'meeting_notes', 'family', 'child', 'core']
                               when 'guardian' then array['plan', 'meeting_notes', 'family', 'core'] end $$;

-- ``wall.open_circle`` for many new circles, each with the family that its owner would let in next.
-- around: [{"circle", "party", "standing", "basis", "from", "until"}].
create function wall.open_circles(circles uuid[], around jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
    me uuid := wall.party();
    mine uuid := wall.authority();
    at timestamptz := wall.instant();
    given bigint;
begin
    if me is null then
        raise insufficient_privilege using message = 'no context';
    end if;
    insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    select gen_random_uuid(), circle, me, mine, 'owner', at from unnest(circles) circle;
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    select circle, me, me, array['core', 'plan', 'meeting_notes'], '-infinity', 'infinity', 'owner', circle
    from unnest(circles) circle;
    with told as materialized (
        select * from jsonb_to_recordset(around) as one(
            circle uuid, party uuid, standing text, basis uuid, "from" timestamptz, until timestamptz
        )
        where circle = any (circles) and standing in ('guardian', 'child')
    ), joined as (
        -- Whoever stands in a circle both as its child and as a guardian is its child there.
        insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
        select gen_random_uuid(), circle, party, null, standing, at from told order by standing
        on conflict (circle_id, party_id) where left_at is null do nothing
    )
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    select circle, party, me, wall.family_reads(standing), "from", until, standing, basis from told;
    get diagnostics given = row_count;
    if given <> jsonb_array_length(around) then
        raise insufficient_privilege using message = 'only the family stands in a new circle, and only in one of these';
    end if;
end $$;
"""

NAMED = r"""
-- Within a transaction, entries are found by their circle; those of the directory have none, and are found by object.
drop index ix_access_log_xact;
create index ix_access_log_xact on access_log (epoch, xact, circle_id, object_id);

-- The transaction stands in the query itself: as a variable it would have each look planned anew, which takes longer
-- than the look.
create or replace function wall.must_be_named() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    circle uuid;
begin
    -- The columns that most tables have are read at once: building the whole row as JSON takes longer than the look.
    case tg_argv[0]
        when 'case_id' then circle := new.case_id;
        when 'child_id' then circle := new.child_id;
        when 'circle_id' then circle := new.circle_id;
        when 'id' then circle := new.id;
        else circle := (to_jsonb(new) ->> tg_argv[0])::uuid;
    end case;
    if exists (
        select 1 from public.access_log l
        where l.epoch = (select max(e.epoch) from public.access_log_epochs e)
          and l.xact = pg_current_xact_id()::text::bigint and l.circle_id = circle and l.kind = 'change'
    ) then
        return null;
    end if;
    if exists (
        select 1 from public.access_log l
        where l.epoch = (select max(e.epoch) from public.access_log_epochs e)
          and l.xact = pg_current_xact_id()::text::bigint and l.circle_id is null
          and (l.object_id = new.id or l.object_id = circle) and l.kind = 'change'
    ) then
        return null;
    end if;
    if exists (
        select 1 from public.access_log l
        where l.epoch = (select max(e.epoch) from public.access_log_epochs e)
          and l.xact = pg_current_xact_id()::text::bigint
          and (l.object_id = new.id or l.object_id = circle) and l.kind = 'change'
    ) then
        return null;
    end if;
    raise exception 'unnamed change of %', tg_table_name using errcode = 'raise_exception', hint = 'unnamed-change';
end $$;
"""

NAMED_BEFORE = r"""
drop index ix_access_log_xact;
create index ix_access_log_xact on access_log (epoch, xact);

create or replace function wall.must_be_named() returns trigger
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
"""


def upgrade() -> None:
    op.execute(CIRCLES)
    op.execute(NAMED)


def downgrade() -> None:
    op.execute(NAMED_BEFORE)
    op.execute("drop function wall.open_circles; drop function wall.family_reads")

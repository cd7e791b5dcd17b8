"""What cooperation around a child needs of the wall: common work, what is handed in, and what only its owner changes.

- Whoever holds a case reads what the others write into its plan and its meeting notes; the family reads plan, notes and
  what is shown to it.
- A request is handed in: its circle belongs to the receiver from the first moment, and the sender is in it.
- A row may be open to several categories at once (``wall.protect_openly``): one dimension of a wheel, the whole wheel,
  the family.
- Some rows are changed by their owner only, whoever else may read them (``wall.only_owner_changes``).
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CIRCLES = r"""
-- What somebody hands in belongs to the receiver at once; the sender stays in the circle and sees its core.
create function wall.hand_in(circle uuid, receiver uuid, receiver_authority uuid, as_standing text) returns void
language plpgsql security definer set search_path = '' as $$
begin
    if wall.party() is null or as_standing not in ('member', 'guardian', 'child') then
        raise insufficient_privilege using message = 'no context';
    end if;
    if exists (select 1 from public.circle_members m where m.circle_id = circle) then
        raise insufficient_privilege using message = 'the circle is there already';
    end if;
    insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    values (gen_random_uuid(), circle, receiver, receiver_authority, 'owner', wall.instant());
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    values (circle, receiver, receiver, array['core', 'plan', 'meeting_notes'], '-infinity', 'infinity', 'owner',
            circle);
    if wall.party() <> receiver then
        insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
        values (gen_random_uuid(), circle, wall.party(), wall.authority(), as_standing, wall.instant());
        insert into public.circle_grants
            (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
        values (circle, wall.party(), receiver, array['core'], '-infinity', 'infinity',
                case as_standing when 'member' then 'disclosure' else as_standing end, circle);
    end if;
end $$;

update circle_grants set categories = array['core', 'plan', 'meeting_notes'] where basis = 'owner';
update circle_grants set categories = array['plan', 'meeting_notes', 'family', 'core'] where basis = 'guardian';
update circle_grants set categories = array['plan', 'meeting_notes', 'family', 'child', 'core'] where basis = 'child';
"""

REVOKE = r"""
-- What rests on one basis ends as a whole: whoever may take it away in one circle takes it away in all (R4.6).
create or replace function wall.revoke_access(on_basis_id uuid) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
    closed bigint;
begin
    delete from public.circle_grants g
    where g.basis_id = on_basis_id and g.basis not in ('owner') and exists (
        select 1 from public.circle_grants h
        join public.circle_members m on m.circle_id = h.circle_id
        where h.basis_id = on_basis_id and h.basis not in ('owner')
          and m.party_id = wall.party() and m.left_at is null
    );
    get diagnostics closed = row_count;
    return closed;
end $$;
"""

PROTECT = r"""
-- A row that is open to several categories at once: ``categories`` is an SQL expression for a text array.
create procedure wall.protect_openly(target regclass, circle text, categories text) language plpgsql as $$
begin
    call wall.protect(target, circle, '''core''');
    execute format('drop policy circle on %s', target);
    execute format($policy$
        create policy circle on %1$s to tillsammans_program using (
            owner_unit_id = (select wall.party())
            or exists (
                select 1 from circle_grants g
                where g.circle_id = %1$s.%2$I and g.party_id = (select wall.party())
                  and %3$s && g.categories
                  and g.valid_from <= (select wall.instant()) and g.valid_until > (select wall.instant())
                offset 0
            )
        ) with check (
            exists (
                select 1 from circle_grants g
                where g.circle_id = %1$s.%2$I and g.party_id = (select wall.party())
                  and (%3$s && g.categories or owner_unit_id = (select wall.party()))
                  and g.valid_from <= (select wall.instant()) and g.valid_until > (select wall.instant())
                offset 0
            )
        )$policy$, target, circle, categories);
end $$;

create function wall.owner_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    if old.owner_unit_id is distinct from wall.party() then
        raise insufficient_privilege using message = 'only its owner changes this';
    end if;
    return new;
end $$;

-- Others in the circle may read such a row, and never change it: not even the circle's owner (R7.8).
create procedure wall.only_owner_changes(target regclass, condition text default 'true') language plpgsql as $$
begin
    execute format($trigger$
        create trigger only_owner_changes before update on %s for each row when (%s)
        execute function wall.owner_changes()$trigger$, target, condition);
end $$;

create function wall.is_final() returns trigger
language plpgsql set search_path = '' as $$
begin
    raise insufficient_privilege using message = 'this is final and does not change';
end $$;

-- A row that is final once the condition (on ``old``) holds.
create procedure wall.final_when(target regclass, condition text) language plpgsql as $$
begin
    execute format($trigger$
        create trigger is_final before update on %s for each row when (%s)
        execute function wall.is_final()$trigger$, target, condition);
end $$;
"""

DIMENSIONS = """array['safe', 'healthy', 'achieving', 'nurtured', 'active', 'respected', 'responsible', 'included',
    'hopes']"""


#: As the first step made it.
REVOKE_BEFORE = r"""
create or replace function wall.revoke_access(on_basis_id uuid) returns bigint
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
"""

OWN = "array['core']"
COMMON = "array['core', 'plan', 'meeting_notes']"


def owners_hold(before: str, after: str) -> None:
    """The two functions that make somebody a circle's owner give other categories, and are otherwise as they were."""
    for function in ("wall.open_circle(uuid)", "wall.hand_over_circle(uuid, uuid, uuid)"):
        op.execute(
            f"""do $do$ begin
                execute replace(pg_get_functiondef('{function}'::regprocedure), $a${before}$a$, $a${after}$a$);
            end $do$"""
        )


def upgrade() -> None:
    owners_hold(OWN, COMMON)
    op.execute(CIRCLES)
    op.execute(REVOKE)
    op.execute(PROTECT)
    for table in ("consents", "disclosures"):
        op.execute(
            f"""alter table {table} add column wheel_dimensions text[]
            constraint ck_{table}_wheel_dimensions check (
                wheel_dimensions is null
                or (cardinality(wheel_dimensions) > 0 and wheel_dimensions <@ {DIMENSIONS}
                    and 'wheel' = any (categories))
            )"""
        )


def downgrade() -> None:
    # What was granted stays: nothing older knows these categories.
    owners_hold(COMMON, OWN)
    op.execute(REVOKE_BEFORE)
    for table in ("disclosures", "consents"):
        op.execute(f"alter table {table} drop column wheel_dimensions")
    op.execute(
        """drop procedure wall.final_when; drop function wall.is_final;
        drop procedure wall.only_owner_changes; drop function wall.owner_changes;
        drop procedure wall.protect_openly; drop function wall.hand_in"""
    )

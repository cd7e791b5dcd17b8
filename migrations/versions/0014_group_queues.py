"""The queue to a contact group, and how many wait in a municipality.

Who stands in line is told by ``queue_entries``, behind the wall and with the id of its claim. What the group's unit
writes about the line stands in ``queue_notes``, in a category that nobody is granted; what a child needs is the
family's too. That a consent was given or taken back reaches the line also through somebody who sees no entry, and its
end through time itself: ``queue_consents`` knows ids only, as the claims do.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

TABLES = {
    "queue_entries": """
    id uuid not null constraint pk_queue_entries primary key
        constraint fk_queue_entries_id references place_claims (id),
    group_id uuid not null constraint fk_queue_entries_group_id references contact_groups (id),
    child_id uuid not null constraint fk_queue_entries_child_id references children (id),
    person_key uuid not null,
    given_name text,
    grade smallint not null constraint ck_queue_entries_grade check (grade between 0 and 9),
    wished_by text not null
        constraint ck_queue_entries_wished_by check (wished_by in ('child', 'guardian', 'professional')),
    asked_via text not null constraint ck_queue_entries_asked_via check (asked_via in ('ifo', 'school', 'other')),
    sender_unit_id uuid constraint fk_queue_entries_sender_unit_id references units (id),
    requested_by uuid not null constraint fk_queue_entries_requested_by references users (id),
    consent_id uuid constraint fk_queue_entries_consent_id references consents (id),
    consent_needed boolean not null,
    shielded boolean not null,
    created_at timestamptz not null,
    concluded_because text,
    concluded_reason text,
    version integer not null default 1,""",
    "queue_notes": """
    id uuid not null constraint pk_queue_notes primary key,
    entry_id uuid not null constraint fk_queue_notes_entry_id references queue_entries (id),
    kind text not null constraint ck_queue_notes_kind
        check (kind in ('priority', 'skip', 'grade_exception', 'return', 'needs')),
    text text not null,
    written_at timestamptz not null,
    written_by uuid not null constraint fk_queue_notes_written_by references users (id),""",
}

CONSENTS = """
create table queue_consents (
    entry_id uuid not null constraint pk_queue_consents primary key
        constraint fk_queue_consents_entry_id references place_claims (id),
    consent_id uuid not null constraint fk_queue_consents_consent_id references consents (id),
    state text not null constraint ck_queue_consents_state
        check (state in ('requested', 'given', 'refused', 'withdrawn', 'expired')),
    valid_until timestamptz not null
);
create index ix_queue_consents_consent_id on queue_consents (consent_id);
create index ix_queue_consents_valid_until on queue_consents (valid_until) where state in ('requested', 'given');
grant select, insert, update, delete on queue_consents to tillsammans_program;
"""

INDEXES = """
create index ix_queue_entries_group_id on queue_entries (group_id);
create index ix_queue_entries_child_id on queue_entries (child_id);
create index ix_queue_entries_person_key on queue_entries (person_key);
create index ix_queue_entries_consent_id on queue_entries (consent_id) where consent_id is not null;
create index ix_queue_notes_entry_id_id on queue_notes (entry_id, id);
"""

WALL = """
call wall.protect('queue_entries', 'id', '''core''');
call wall.protect('queue_notes', 'entry_id', 'case kind when ''needs'' then ''family'' else ''desk'' end');
call wall.final_when('queue_notes', 'true');
"""

DEMAND = r"""
-- How many wait, pooled over the groups of a municipality in a term (R11.9). No small number leaves it, whoever asks
-- and whatever limit they name; nor can one be worked out: of each way to divide the children the smallest parts are
-- left out until those left out are at least two and together no small number. What stems from one group alone is not
-- told.
create function wall.contact_group_demand(municipality text, in_term text, smallest integer)
returns table (dimension text, code text, number integer)
language sql stable security definer set search_path = '' as $$
with settled as (select greatest(smallest, 5) as least, wall.instant() as at),
pooled as (
    select g.id from public.contact_groups g
    where g.municipality_code = municipality and g.term = in_term and g.status <> 'ended'
),
claims as (
    select p.id as group_id, c.id, c.status, c.requested_at, e.person_key, e.asked_via, e.wished_by,
           case when e.grade <= 3 then 'f_3' when e.grade <= 6 then '4_6' else '7_9' end as grade_band
    from pooled p
    join public.place_claims c on c.pool_id = p.id
    join public.queue_entries e on e.id = c.id
    left join public.queue_consents q on q.entry_id = e.id and e.consent_needed
    where c.status = 'taken'
       or c.status = 'waiting' and (q.valid_until is null or q.valid_until > (select at from settled))
),
-- One child once, as it asked first.
waiting as (
    select distinct on (person_key) * from claims where status = 'waiting' order by person_key, requested_at, id
),
parts as (
    select 'asked_via' as dimension, v.code, count(w.person_key) as n
    from unnest(array['ifo', 'school', 'other']) v (code) left join waiting w on w.asked_via = v.code group by v.code
    union all
    select 'wished_by', v.code, count(w.person_key)
    from unnest(array['child', 'guardian', 'professional']) v (code) left join waiting w on w.wished_by = v.code
    group by v.code
    union all
    select 'grade_band', v.code, count(w.person_key)
    from unnest(array['f_3', '4_6', '7_9']) v (code) left join waiting w on w.grade_band = v.code group by v.code
),
ranked as (
    select parts.dimension, parts.code, n,
           row_number() over by_size as place,
           coalesce(sum(n) over (by_size rows between unbounded preceding and 1 preceding), 0) as before,
           count(*) filter (where n < (select least from settled)) over (partition by parts.dimension) as small
    from parts window by_size as (partition by parts.dimension order by n, parts.code)
),
waits_for as (select count(distinct group_id) as groups from claims where status = 'waiting'),
told as (
    select ranked.dimension, ranked.code, n, groups,
           small > 0 and (place <= greatest(small, 2) or before < least) as hidden
    from ranked, settled, waits_for
    union all
    select 'waiting', '', (select count(*) from waiting), groups, false from waits_for
    union all
    select 'places', '', count(*), count(distinct p.id), false
    from pooled p join public.place_seats s on s.pool_id = p.id
    union all
    select 'taken', '', count(*), count(distinct group_id), false from claims where status = 'taken'
)
select told.dimension, told.code, case when groups > 1 and not hidden and n >= least then n::integer end
from told, settled
$$;
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns}{OWNED.format(table)})")
    op.execute(CONSENTS)
    op.execute(INDEXES)
    op.execute(WALL)
    op.execute(DEMAND)


def downgrade() -> None:
    op.execute("drop function wall.contact_group_demand")
    op.execute("drop table queue_consents, queue_notes, queue_entries")

"""Coordinators: who is asked and who accepted, who is away and who stands in, and when somebody last gave a sign."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = r"""
create table coordinator_assignments (
    id uuid not null constraint pk_coordinator_assignments primary key,
    case_id uuid not null constraint fk_coordinator_assignments_case_id references cases (id),
    user_id uuid not null constraint fk_coordinator_assignments_user_id references users (id),
    unit_id uuid not null constraint fk_coordinator_assignments_unit_id references units (id),
    reason text,
    status text not null constraint ck_coordinator_assignments_status
        check (status in ('proposed', 'accepted', 'declined', 'withdrawn', 'ended')),
    proposed_at timestamptz not null,
    proposed_by uuid not null constraint fk_coordinator_assignments_proposed_by references users (id),
    accept_due_at timestamptz not null,
    answered_at timestamptz,
    answer_reason text,
    ended_at timestamptz,
    follows_id uuid constraint fk_coordinator_assignments_follows_id references coordinator_assignments (id),
    checklist jsonb not null,
    version integer not null default 1,
    owner_unit_id uuid not null constraint fk_coordinator_assignments_owner_unit_id references units (id),
    owner_authority_id uuid not null
        constraint fk_coordinator_assignments_owner_authority_id references authorities (id),
    municipality_code text,
    constraint ck_coordinator_assignments_answered check ((answered_at is null) = (status = 'proposed')),
    constraint ck_coordinator_assignments_ended check ((ended_at is null) = (status <> 'ended'))
);
create unique index uq_coordinator_assignments_proposed on coordinator_assignments (case_id) where status = 'proposed';
create unique index uq_coordinator_assignments_accepted on coordinator_assignments (case_id) where status = 'accepted';
create index ix_coordinator_assignments_case_id on coordinator_assignments (case_id, id);
create index ix_coordinator_assignments_user_id on coordinator_assignments (user_id, unit_id)
    where status = 'proposed';
create index ix_cases_coordinator_id on cases (coordinator_id) where coordinator_id is not null;

create table coordinator_absences (
    id uuid not null constraint pk_coordinator_absences primary key,
    user_id uuid not null constraint fk_coordinator_absences_user_id references users (id),
    unit_id uuid not null constraint fk_coordinator_absences_unit_id references units (id),
    from_on date not null,
    to_on date,
    deputy_user_id uuid constraint fk_coordinator_absences_deputy_user_id references users (id),
    reason text not null,
    created_by uuid not null constraint fk_coordinator_absences_created_by references users (id),
    ended_at timestamptz,
    version integer not null default 1,
    constraint ck_coordinator_absences_days check (to_on is null or to_on >= from_on),
    constraint ck_coordinator_absences_deputy check (deputy_user_id is distinct from user_id)
);
create index ix_coordinator_absences_unit_id on coordinator_absences (unit_id, id);
create index ix_coordinator_absences_open on coordinator_absences (unit_id, from_on) where ended_at is null;

create table coordinator_signs (
    id uuid not null constraint pk_coordinator_signs primary key,
    user_id uuid not null constraint fk_coordinator_signs_user_id references users (id),
    seen_at timestamptz not null,
    deputy_user_id uuid constraint fk_coordinator_signs_deputy_user_id references users (id),
    constraint ck_coordinator_signs_deputy check (deputy_user_id is distinct from user_id)
);
create unique index uq_coordinator_signs_user_id on coordinator_signs (user_id);

grant select, insert, update on coordinator_absences, coordinator_signs to tillsammans_program;
"""

WALL = r"""
call wall.protect('coordinator_assignments', 'case_id', '''core''');
call wall.name_changes('coordinator_absences', 'id');
call wall.name_changes('coordinator_signs', 'id');

-- Whether anything of a circle is open to somebody in it. Nobody outside the circle is told, and nobody hears what.
create function wall.takes_part(circle uuid, member uuid) returns boolean
language sql stable security definer set search_path = '' as $$
    select count(distinct g.party_id) = case when member = wall.party() then 1 else 2 end
    from public.circle_grants g
    join public.circle_members m on m.circle_id = g.circle_id and m.party_id = g.party_id and m.left_at is null
    where g.circle_id = circle and g.party_id in (member, wall.party())
      and g.valid_from <= wall.instant() and g.valid_until > wall.instant()
$$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(WALL)


def downgrade() -> None:
    op.execute("drop function wall.takes_part")
    op.execute("drop index ix_cases_coordinator_id")
    op.execute("drop table coordinator_signs, coordinator_absences, coordinator_assignments")

"""Meetings, their agendas, invitations and minutes, and who may be called to them."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

OF_MEETING = """
    meeting_id uuid not null constraint fk_{0}_meeting_id references meetings (id),
    case_id uuid not null constraint fk_{0}_case_id references cases (id),"""

TABLES = {
    "meetings": """
    case_id uuid not null constraint fk_meetings_case_id references cases (id),
    child_id uuid not null constraint fk_meetings_child_id references children (id),
    plan_id uuid,
    meeting_type text not null
        constraint ck_meetings_meeting_type check (meeting_type in ('sip', 'plan', 'team', 'follow_up', 'other')),
    status text not null constraint ck_meetings_status
        check (status in ('planned', 'called', 'held', 'cancelled', 'notes_confirmed')),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    place text,
    video_link text,
    chair_user_id uuid not null constraint fk_meetings_chair_user_id references users (id),
    documenter_user_id uuid not null constraint fk_meetings_documenter_user_id references users (id),
    documenter_unit_id uuid not null constraint fk_meetings_documenter_unit_id references units (id),
    interpreter_language text,
    call_basis_notice_at timestamptz,
    cancelled_reason text,
    sequence integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null default 1,
    constraint ck_meetings_order check (ends_at > starts_at),
    constraint ck_meetings_cancelled check ((cancelled_reason is not null) = (status = 'cancelled')),""",
    "meeting_agendas": """
    question text not null,
    agenda text[] not null,""",
    "meeting_invitations": """
    kind text not null constraint ck_meeting_invitations_kind check (kind in ('kallelse', 'inbjudan')),
    unit_id uuid constraint fk_meeting_invitations_unit_id references units (id),
    person_key uuid,
    standing text constraint ck_meeting_invitations_standing check (standing in ('guardian', 'child')),
    external_name text,
    answer text not null constraint ck_meeting_invitations_answer
        check (answer in ('will_attend', 'sends_substitute', 'cannot', 'waiting')),
    substitute_name text,
    answer_reason text,
    answered_at timestamptz,
    answered_by uuid constraint fk_meeting_invitations_answered_by references users (id),
    told text not null constraint ck_meeting_invitations_told check (told in ('called', 'moved', 'cancelled')),
    told_at timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by uuid constraint fk_meeting_invitations_acknowledged_by references users (id),
    attended boolean,
    absence_explanation text,
    absence_explained_at timestamptz,
    absence_explained_by uuid constraint fk_meeting_invitations_absence_explained_by references users (id),
    version integer not null default 1,
    constraint ck_meeting_invitations_party check (num_nonnulls(unit_id, person_key, external_name) = 1),
    constraint ck_meeting_invitations_family check ((person_key is null) = (standing is null)),""",
    "meeting_participations": """
    present boolean not null,
    prepared boolean not null,
    represented_by text,
    view text,
    effect text,
    missing_reason text,
    constraint ck_meeting_participations_reason check (present or missing_reason is not null),""",
    "meeting_minutes": """
    notes text not null,
    decisions jsonb not null,
    interpreter_used boolean,
    written_at timestamptz not null,
    confirmed_at timestamptz,
    confirmed_by uuid constraint fk_meeting_minutes_confirmed_by references users (id),
    version integer not null default 1,""",
}

INDEXES = """
create index ix_meetings_case_id on meetings (case_id, starts_at, id);
create index ix_meetings_child_id on meetings (child_id);
create index ix_meetings_plan_id on meetings (plan_id, starts_at) where plan_id is not null;
create unique index uq_meeting_agendas_meeting_id on meeting_agendas (meeting_id);
create index ix_meeting_agendas_case_id on meeting_agendas (case_id);
create unique index uq_meeting_invitations_party on meeting_invitations (meeting_id, coalesce(unit_id, person_key));
create index ix_meeting_invitations_meeting_id on meeting_invitations (meeting_id, id);
create index ix_meeting_invitations_case_id on meeting_invitations (case_id);
create unique index uq_meeting_participations_meeting_id on meeting_participations (meeting_id);
create index ix_meeting_participations_case_id on meeting_participations (case_id);
create unique index uq_meeting_minutes_meeting_id on meeting_minutes (meeting_id);
create index ix_meeting_minutes_case_id on meeting_minutes (case_id);
"""

WALL = r"""
-- To whom of a circle something is open now: nobody else can be called (R8.1). Whoever convenes takes part but is often
-- not the owner, and does not see the grants of the others; this tells that there is one, and not on which basis.
create function wall.in_scope(circle uuid) returns table (party_id uuid, standing text)
language sql stable security definer set search_path = '' as $$
    select m.party_id, m.standing from public.circle_members m
    where m.circle_id = circle and m.left_at is null
      and exists (
          select 1 from public.circle_grants g where g.circle_id = circle and g.party_id = m.party_id
          and g.valid_from <= wall.instant() and g.valid_until > wall.instant()
      )
      and exists (
          select 1 from public.circle_grants g where g.circle_id = circle and g.party_id = wall.party()
          and g.valid_from <= wall.instant() and g.valid_until > wall.instant()
      )
$$;

call wall.protect('meetings', 'case_id', '''core''');
call wall.protect('meeting_agendas', 'case_id', '''plan''');
call wall.protect('meeting_invitations', 'case_id', '''core''');
call wall.protect('meeting_participations', 'case_id', '''meeting_notes''');
call wall.protect('meeting_minutes', 'case_id', '''meeting_notes''');
call wall.final_when('meeting_minutes', 'old.confirmed_at is not null');
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        of_meeting = "" if table == "meetings" else OF_MEETING.format(table)
        op.execute(f"create table {table} ({key}{of_meeting}{columns}{OWNED.format(table)})")
    op.execute(INDEXES)
    op.execute(WALL)


def downgrade() -> None:
    op.execute(f"drop table {', '.join(reversed(TABLES))}")
    op.execute("drop function wall.in_scope")

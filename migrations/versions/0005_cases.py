"""Cases: core, analyses, contacts, steps, closures, transfers, chronology, corrections."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

TABLES = {
    "cases": """
    case_number text not null,
    child_id uuid not null constraint fk_cases_child_id references children (id),
    status text not null constraint ck_cases_status
        check (status in ('draft', 'active', 'paused', 'transferring', 'closed', 'discarded')),
    entry_route text not null,
    analysis_result text,
    named_contact_id uuid constraint fk_cases_named_contact_id references users (id),
    coordinator_id uuid constraint fk_cases_coordinator_id references users (id),
    opened_at timestamptz,
    closed_at timestamptz,
    source_system text,
    source_id text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null default 1,
    constraint ck_cases_contact check (named_contact_id is not null or status in ('draft', 'discarded')),
    constraint ck_cases_closed check ((closed_at is not null) = (status = 'closed')),
    constraint ck_cases_source check ((source_system is null) = (source_id is null)),""",
    "case_analyses": """
    case_id uuid not null constraint fk_case_analyses_case_id references cases (id),
    category text not null,
    reason_text text not null,
    level_of_need text,
    five_questions jsonb,
    version integer not null default 1,""",
    "case_contacts": """
    case_id uuid not null constraint fk_case_contacts_case_id references cases (id),
    kind text not null constraint ck_case_contacts_kind check (kind in ('named_contact', 'coordinator')),
    user_id uuid not null constraint fk_case_contacts_user_id references users (id),
    from_at timestamptz not null,
    to_at timestamptz,
    reason text,""",
    "case_steps": """
    case_id uuid not null constraint fk_case_steps_case_id references cases (id),
    category text not null,
    deed text not null,
    status text not null,
    reason text,
    taken_at timestamptz not null,
    taken_by uuid not null constraint fk_case_steps_taken_by references users (id),""",
    "case_closures": """
    case_id uuid not null constraint fk_case_closures_case_id references cases (id),
    category text not null,
    close_reason text not null,
    outcome_summary text,
    child_view text,
    child_view_missing_reason text,
    informed_unit_ids uuid[] not null,
    closed_at timestamptz not null,
    closed_by uuid not null constraint fk_case_closures_closed_by references users (id),""",
    "case_transfers": """
    case_id uuid not null constraint fk_case_transfers_case_id references cases (id),
    kind text not null constraint ck_case_transfers_kind check (kind in ('contact', 'unit')),
    to_unit_id uuid not null constraint fk_case_transfers_to_unit_id references units (id),
    to_authority_id uuid not null constraint fk_case_transfers_to_authority_id references authorities (id),
    to_user_id uuid constraint fk_case_transfers_to_user_id references users (id),
    reason text not null,
    status text not null constraint ck_case_transfers_status
        check (status in ('pending', 'accepted', 'declined', 'withdrawn')),
    requested_at timestamptz not null,
    requested_by uuid not null constraint fk_case_transfers_requested_by references users (id),
    answered_at timestamptz,
    answered_by uuid constraint fk_case_transfers_answered_by references users (id),
    answer_note text,
    version integer not null default 1,""",
    "chronology_events": """
    case_id uuid not null constraint fk_chronology_events_case_id references cases (id),
    category text not null,
    occurred_on date not null,
    ended_on date,
    event_type text not null,
    text text not null,
    impact text not null,
    decision text,
    outcome text,
    significant boolean not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null constraint fk_chronology_events_recorded_by references users (id),
    version integer not null default 1,""",
    "corrections": """
    circle_id uuid not null,
    category text not null,
    subject_type text not null,
    subject_id uuid not null,
    subject_version integer not null,
    earlier jsonb not null,
    reason text not null,
    corrected_at timestamptz not null,
    corrected_by uuid not null constraint fk_corrections_corrected_by references users (id),""",
}

INDEXES = """
create unique index uq_cases_owner_authority_id_case_number on cases (owner_authority_id, case_number);
create unique index uq_cases_source on cases (owner_authority_id, source_system, source_id);
create unique index uq_cases_open on cases (owner_unit_id, child_id)
    where status in ('draft', 'active', 'paused', 'transferring');
create index ix_cases_child_id on cases (child_id);
create index ix_cases_updated_at on cases (owner_unit_id, updated_at, id);
create unique index uq_case_analyses_case_id on case_analyses (case_id);
create unique index uq_case_contacts_current on case_contacts (case_id, kind) where to_at is null;
create index ix_case_steps_case_id on case_steps (case_id, taken_at);
create index ix_case_closures_case_id on case_closures (case_id, closed_at);
create unique index uq_case_transfers_pending on case_transfers (case_id) where status = 'pending';
create index ix_case_transfers_case_id on case_transfers (case_id);
create index ix_chronology_events_case_id on chronology_events (case_id, occurred_on, id);
create index ix_corrections_subject_id on corrections (subject_id, subject_version);
"""

WALL = """
call wall.protect('cases', 'id', '''core''');
call wall.protect('case_analyses', 'case_id', 'category');
call wall.protect('case_contacts', 'case_id', '''core''');
call wall.protect('case_steps', 'case_id', 'category');
call wall.protect('case_closures', 'case_id', 'category');
call wall.protect('case_transfers', 'case_id', '''core''');
call wall.protect('chronology_events', 'case_id', 'category');
call wall.protect('corrections', 'circle_id', 'category');
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        op.execute(f"create table {table} ({key}{columns}{OWNED.format(table)})")
    op.execute(INDEXES)
    op.execute(WALL)


def downgrade() -> None:
    op.execute(f"drop table {', '.join(reversed(TABLES))}")

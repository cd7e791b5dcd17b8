"""Coordination desks and the requests that reach them.

A desk is directory: everybody may know whom to call. A request is about somebody: it belongs to the desk's unit from
the first moment, and its sender sees its core. What the desk writes for itself stands in ``request_triages``, in a
category that is granted to nobody.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DIRECTORY = """
create table coordination_desks (
    id uuid not null constraint pk_coordination_desks primary key,
    unit_id uuid not null constraint fk_coordination_desks_unit_id references units (id),
    municipality_code text constraint fk_coordination_desks_municipality_code references municipalities (code),
    name text not null,
    function_address text,
    phone text,
    email text,
    lead_user_id uuid not null constraint fk_coordination_desks_lead_user_id references users (id),
    opening_hours jsonb not null,
    closed_on_holidays boolean not null,
    note text,
    version integer not null default 1
);
create unique index uq_coordination_desks_unit_id on coordination_desks (unit_id);
create index ix_coordination_desks_municipality_code on coordination_desks (municipality_code);
create table desk_staff (
    id uuid not null constraint pk_desk_staff primary key,
    desk_id uuid not null constraint fk_desk_staff_desk_id references coordination_desks (id),
    user_id uuid not null constraint fk_desk_staff_user_id references users (id),
    from_at timestamptz not null,
    to_at timestamptz
);
create unique index uq_desk_staff_current on desk_staff (desk_id, user_id) where to_at is null;
create index ix_desk_staff_user_id on desk_staff (user_id);

grant select, insert, update on coordination_desks, desk_staff to tillsammans_program;
call wall.name_changes('coordination_desks', 'id');
call wall.name_changes('desk_staff', 'desk_id');
"""

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

TABLES = {
    "coordination_requests": """
    desk_id uuid not null constraint fk_coordination_requests_desk_id references coordination_desks (id),
    status text not null constraint ck_coordination_requests_status check (status in ('received', 'triaged', 'answered',
        'advised_only', 'case_opened', 'referred', 'closed_no_contact', 'handled_outside')),
    asker_kind text not null,
    channel text not null,
    asker_name text,
    asker_phone text,
    asker_relation text,
    subject text not null,
    child_id uuid constraint fk_coordination_requests_child_id references children (id),
    shielded boolean not null,
    received_at timestamptz not null,
    acknowledge_due_at timestamptz not null,
    contact_due_at timestamptz not null,
    due_basis text not null,
    triaged_at timestamptz,
    triaged_by uuid constraint fk_coordination_requests_triaged_by references users (id),
    answered_at timestamptz,
    answered_by uuid constraint fk_coordination_requests_answered_by references users (id),
    answer_text text,
    referred_to_unit_id uuid constraint fk_coordination_requests_referred_to_unit_id references units (id),
    referred_to_name text,
    referral_reason text,
    case_id uuid constraint fk_coordination_requests_case_id references cases (id),
    closed_at timestamptz,
    created_by uuid not null constraint fk_coordination_requests_created_by references users (id),
    version integer not null default 1,
    constraint ck_coordination_requests_anonymous check (asker_kind <> 'anonymous'
        or num_nonnulls(asker_name, asker_phone, asker_relation, child_id, case_id) = 0),""",
    "request_triages": """
    request_id uuid not null constraint fk_request_triages_request_id references coordination_requests (id),
    five_questions jsonb,
    note text,
    attempts text,
    recorded_at timestamptz not null,
    recorded_by uuid not null constraint fk_request_triages_recorded_by references users (id),
    version integer not null default 1,""",
}

INDEXES = """
create index ix_coordination_requests_received_at on coordination_requests (owner_unit_id, received_at, id);
create index ix_coordination_requests_contact_due_at on coordination_requests (owner_unit_id, contact_due_at, id);
create index ix_coordination_requests_desk_id on coordination_requests (desk_id);
create index ix_coordination_requests_child_id on coordination_requests (child_id);
create index ix_coordination_requests_case_id on coordination_requests (case_id);
create unique index uq_request_triages_request_id on request_triages (request_id);
"""

WALL = """
call wall.protect('coordination_requests', 'id', '''core''');
call wall.protect('request_triages', 'request_id', '''desk''');
"""


def upgrade() -> None:
    op.execute(DIRECTORY)
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        op.execute(f"create table {table} ({key}{columns}{OWNED.format(table)})")
    op.execute(INDEXES)
    op.execute(WALL)


def downgrade() -> None:
    op.execute("drop table request_triages, coordination_requests, desk_staff, coordination_desks")

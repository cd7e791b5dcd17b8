"""The support catalogue and its use.

The catalogue is directory: anybody may read it, without signing in. A count of an anonymous use holds a day and a
number (R14.4). A use that is about somebody is a circle of its own that nobody but the provider's unit ever enters: its
category is granted to nobody (R14.6).
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CATALOGUE = """
create table support_offers (
    id uuid not null constraint pk_support_offers primary key,
    unit_id uuid not null constraint fk_support_offers_unit_id references units (id),
    municipality_code text constraint fk_support_offers_municipality_code references municipalities (code),
    kind text not null,
    name_sv text not null,
    name_en text not null,
    summary_sv text not null,
    summary_en text not null,
    how_to_get_it_sv text,
    how_to_get_it_en text,
    audiences text[] not null,
    needs text[] not null,
    age_min smallint,
    age_max smallint,
    age_of text not null constraint ck_support_offers_age_of check (age_of in ('child', 'participant')),
    is_free boolean,
    cost_note_sv text,
    cost_note_en text,
    max_sessions smallint constraint ck_support_offers_max_sessions check (max_sessions > 0),
    access text constraint ck_support_offers_access check (access in ('open', 'referral', 'decision')),
    decision_type text constraint ck_support_offers_decision_type
        check (decision_type in ('without_needs_assessment', 'needs_assessed', 'health_care')),
    board_decision_ref text,
    conditions text,
    identity_recording text not null constraint ck_support_offers_identity_recording
        check (identity_recording in ('none', 'minimal', 'full')),
    two_parties boolean not null,
    private_to_person boolean not null,
    valid_from date not null,
    valid_to date,
    contact_phone text,
    contact_url text,
    assured_at timestamptz not null,
    assured_by uuid not null constraint fk_support_offers_assured_by references users (id),
    created_at timestamptz not null,
    version integer not null default 1,
    constraint ck_support_offers_ages check (age_min >= 0 and age_min <= age_max),
    constraint ck_support_offers_validity check (valid_to >= valid_from),
    constraint ck_support_offers_kind check ((kind <> 'youth_clinic' or private_to_person)
        and (kind <> 'cooperation_talks' or two_parties)),
    constraint ck_support_offers_board_decision check (decision_type = 'without_needs_assessment'
        or num_nonnulls(board_decision_ref, conditions) = 0)
);
create index ix_support_offers_unit_id on support_offers (unit_id);
create index ix_support_offers_municipality_code on support_offers (municipality_code);
create index ix_support_offers_assured_by on support_offers (assured_by);
create table support_use_counts (
    id uuid not null constraint pk_support_use_counts primary key,
    offer_id uuid not null constraint fk_support_use_counts_offer_id references support_offers (id),
    on_date date not null,
    people integer not null constraint ck_support_use_counts_people check (people > 0)
);
create unique index uq_support_use_counts_day on support_use_counts (offer_id, on_date);

grant select, insert, update on support_offers, support_use_counts to tillsammans_program;
call wall.name_changes('support_offers', 'id');
call wall.name_changes('support_use_counts', 'offer_id');
"""

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

TABLES = {
    "support_uses": """
    offer_id uuid not null constraint fk_support_uses_offer_id references support_offers (id),
    status text not null constraint ck_support_uses_status check (status in ('ongoing', 'ended')),
    code_hash text,
    child_id uuid constraint fk_support_uses_child_id references children (id),
    first_name text,
    parties smallint not null,
    age_years smallint,
    sessions_used smallint not null,
    sessions_allowed smallint,
    extended_by uuid constraint fk_support_uses_extended_by references users (id),
    extension_reason text,
    started_on date not null,
    ended_on date,
    created_by uuid not null constraint fk_support_uses_created_by references users (id),
    version integer not null default 1,
    constraint ck_support_uses_who check (num_nonnulls(code_hash, child_id, first_name) = 1),
    constraint ck_support_uses_sessions check (sessions_used >= 0 and sessions_used <= sessions_allowed),
    constraint ck_support_uses_extension check ((extended_by is null) = (extension_reason is null)),
    constraint ck_support_uses_ended check ((status = 'ended') = (ended_on is not null)),""",
    "use_sessions": """
    use_id uuid not null constraint fk_use_sessions_use_id references support_uses (id),
    on_date date not null,
    recorded_by uuid not null constraint fk_use_sessions_recorded_by references users (id),""",
}

INDEXES = """
create index ix_support_uses_offer_id on support_uses (owner_unit_id, offer_id, id);
create index ix_support_uses_child_id on support_uses (child_id);
create unique index uq_support_uses_code_hash on support_uses (code_hash);
create unique index uq_use_sessions_day on use_sessions (use_id, on_date);
"""

WALL = """
call wall.protect('support_uses', 'id', '''own''');
call wall.protect('use_sessions', 'use_id', '''own''');
"""


def upgrade() -> None:
    op.execute(CATALOGUE)
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        op.execute(f"create table {table} ({key}{columns}{OWNED.format(table)})")
    op.execute(INDEXES)
    op.execute(WALL)


def downgrade() -> None:
    op.execute("drop table use_sessions, support_uses, support_use_counts, support_offers")

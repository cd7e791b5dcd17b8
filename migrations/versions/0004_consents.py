"""Consents with their givers, and disclosures."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OWNED = """
    circle_id uuid not null,
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

CATEGORIES = """
    categories text[] not null constraint ck_{0}_categories check (
        cardinality(categories) > 0
        and categories <@ array['contact', 'school', 'health', 'social', 'plan', 'wheel', 'meeting_notes']
    ),"""

# A case stands above: case_id names it, and what may be said of it is checked where a consent is made.
TABLES = {
    "consents": f"""
    child_id uuid not null constraint fk_consents_child_id references children (id),
    case_id uuid,
    kind text not null,
    purpose text not null,
    receiving_authority_ids uuid[] not null
        constraint ck_consents_receivers check (cardinality(receiving_authority_ids) > 0),
    {CATEGORIES}
    measure_type text constraint ck_consents_measure_type
        check (measure_type in ('psychiatric_treatment', 'open_treatment', 'contact_person', 'lss_9_4_6')),
    valid_from timestamptz not null,
    valid_to timestamptz not null,
    status text not null constraint ck_consents_status
        check (status in ('requested', 'given', 'refused', 'withdrawn', 'expired', 'superseded')),
    route text not null,
    confirmed_reason text not null,
    information_version text not null,
    information_language text not null,
    information_interpreter boolean not null,
    maturity text,
    maturity_at timestamptz,
    maturity_by uuid constraint fk_consents_maturity_by references users (id),
    supersedes_id uuid constraint fk_consents_supersedes_id references consents (id),
    requested_at timestamptz not null,
    requested_by uuid not null constraint fk_consents_requested_by references users (id),
    concluded_at timestamptz,
    withdrawn_at timestamptz,
    withdrawn_by uuid constraint fk_consents_withdrawn_by references users (id),
    version integer not null default 1,
    constraint ck_consents_period check (valid_to > valid_from),
    constraint ck_consents_circle check (circle_id = coalesce(case_id, child_id)),
    constraint ck_consents_withdrawn check ((withdrawn_at is not null) = (status = 'withdrawn')),""",
    "consent_givers": """
    consent_id uuid not null constraint fk_consent_givers_consent_id references consents (id),
    kind text not null constraint ck_consent_givers_kind check (kind in ('guardian', 'child', 'appointed_guardian')),
    guardianship_id uuid constraint fk_consent_givers_guardianship_id references guardianships (id),
    person_key uuid,
    answer text not null constraint ck_consent_givers_answer
        check (answer in ('requested', 'given', 'refused', 'withdrawn', 'exempted')),
    given_how text,
    answered_at timestamptz,
    recorded_by uuid constraint fk_consent_givers_recorded_by references users (id),
    exemption text,
    exemption_reason text,
    decision_id text,
    deciding_authority_id uuid constraint fk_consent_givers_deciding_authority_id references authorities (id),
    withdrawn_at timestamptz,
    version integer not null default 1,
    constraint ck_consent_givers_person check ((guardianship_id is null) = (kind = 'child')),
    constraint ck_consent_givers_exemption check ((exemption is null) = (exemption_reason is null)),
    constraint ck_consent_givers_decision check (exemption <> 'fb_6_13_a' or decision_id is not null),""",
    "disclosures": f"""
    child_id uuid not null constraint fk_disclosures_child_id references children (id),
    case_id uuid,
    to_unit_id uuid not null constraint fk_disclosures_to_unit_id references units (id),
    to_authority_id uuid not null constraint fk_disclosures_to_authority_id references authorities (id),
    {CATEGORIES.strip()}
    object_refs jsonb not null,
    basis text not null constraint ck_disclosures_basis check (basis in (
        'consent', 'OSL_25_12', 'OSL_26_9', 'duty_10_28', 'necessary_10_2', 'police_10_24', 'emergency', 'other')),
    consent_id uuid constraint fk_disclosures_consent_id references consents (id),
    legal_reason text,
    necessity text,
    harm_test_by uuid constraint fk_disclosures_harm_test_by references users (id),
    harm_test_result text,
    decided_by uuid not null constraint fk_disclosures_decided_by references users (id),
    decided_at timestamptz not null,
    channel text not null constraint ck_disclosures_channel check (channel in ('portal', 'sdk', 'paper')),
    informed text not null constraint ck_disclosures_informed check (informed in ('yes', 'no', 'later')),
    informed_reason text,
    valid_to timestamptz,
    needs_review boolean not null,
    completed_at timestamptz,
    completed_by uuid constraint fk_disclosures_completed_by references users (id),
    revoked_at timestamptz,
    revoked_by uuid constraint fk_disclosures_revoked_by references users (id),
    created_at timestamptz not null,
    version integer not null default 1,
    constraint ck_disclosures_circle check (circle_id = coalesce(case_id, child_id)),
    constraint ck_disclosures_consent check ((basis = 'consent') = (consent_id is not null)),
    constraint ck_disclosures_reason check (basis in ('consent', 'emergency') or legal_reason is not null),
    constraint ck_disclosures_necessity check (basis not in ('OSL_25_12', 'OSL_26_9') or necessity is not null),
    constraint ck_disclosures_informed_reason check (informed <> 'no' or informed_reason is not null),
    constraint ck_disclosures_read_scope check (channel <> 'portal' or basis = 'consent' or valid_to is not null),""",
}

INDEXES = """
create index ix_consents_owner_unit_id on consents (owner_unit_id, id);
create index ix_consents_circle_id on consents (circle_id, id);
create index ix_consents_child_id on consents (child_id, id);
create index ix_consent_givers_consent_id on consent_givers (consent_id);
create unique index uq_consent_givers_person on consent_givers (consent_id, kind, guardianship_id)
    nulls not distinct;
create index ix_disclosures_owner_unit_id on disclosures (owner_unit_id, id);
create index ix_disclosures_circle_id on disclosures (circle_id, id);
create index ix_disclosures_child_id on disclosures (child_id, id);
create index ix_disclosures_to_unit_id on disclosures (to_unit_id, id);
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        body = f"id uuid not null constraint pk_{{0}} primary key, {columns} {OWNED}".format(table)
        op.execute(f"create table {table} ({body})")
    op.execute(INDEXES)
    for table in TABLES:
        op.execute(f"call wall.protect('{table}', 'circle_id', '''core''')")


def downgrade() -> None:
    op.execute(f"drop table {', '.join(reversed(TABLES))}")

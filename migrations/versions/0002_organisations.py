"""Municipalities, organisations, authorities, units, users and assignments."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = r"""
create table municipalities (
    code text not null constraint pk_municipalities primary key,
    name text not null,
    joined_on date,
    joined_note text,
    constraint ck_municipalities_code check (code ~ '^[0-9]{4}$')
);
create table organisations (
    id uuid not null constraint pk_organisations primary key,
    kind text not null,
    name text not null,
    municipality_code text constraint fk_organisations_municipality_code references municipalities (code),
    org_number text,
    org_number_verified boolean not null default false,
    hsa_id text,
    valid_from date,
    valid_to date,
    version integer not null default 1
);
create table authorities (
    id uuid not null constraint pk_authorities primary key,
    organisation_id uuid not null constraint fk_authorities_organisation_id references organisations (id),
    name text not null,
    sector text not null,
    secrecy_regime text not null,
    version integer not null default 1
);
create index ix_authorities_organisation_id on authorities (organisation_id);
create table units (
    id uuid not null constraint pk_units primary key,
    authority_id uuid not null constraint fk_units_authority_id references authorities (id),
    name text not null,
    unit_type text not null,
    municipality_code text constraint fk_units_municipality_code references municipalities (code),
    hsa_id text,
    function_address text,
    phone text,
    version integer not null default 1
);
create index ix_units_authority_id on units (authority_id);
create table users (
    id uuid not null constraint pk_users primary key,
    kind text not null,
    name text not null,
    subject text not null,
    issuer text,
    hsa_id text,
    email text,
    person_id uuid,
    active boolean not null default true,
    version integer not null default 1
);
create unique index uq_users_subject_issuer on users (subject, coalesce(issuer, ''));
create table assignments (
    id uuid not null constraint pk_assignments primary key,
    user_id uuid not null constraint fk_assignments_user_id references users (id),
    unit_id uuid constraint fk_assignments_unit_id references units (id),
    role text not null,
    valid_from timestamptz not null,
    valid_to timestamptz,
    version integer not null default 1
);
create index ix_assignments_user_id on assignments (user_id);
create index ix_assignments_unit_id on assignments (unit_id);

grant select on municipalities to tillsammans_program;
grant select, insert, update on organisations, authorities, units, users, assignments to tillsammans_program;
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("organisations", "authorities", "units", "users", "assignments"):
        op.execute(f"call wall.name_changes('{table}', 'id')")


def downgrade() -> None:
    op.execute("drop table assignments, users, units, authorities, organisations, municipalities")

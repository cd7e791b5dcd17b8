"""Children, their details and identifiers, guardians with time-versioned custody, siblings and checkpoints."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""
OF_CHILD = "child_id uuid not null constraint fk_{0}_child_id references children (id)"
PROTECTED_IDENTITY = """protected_identity text not null default 'none'
        constraint ck_{0}_protected_identity
        check (protected_identity in ('none', 'sekretessmarkering', 'skyddad_folkbokforing'))"""

TABLES = {
    "children": f"""
    given_name text,
    family_name text not null,
    birth_date date,
    expected_birth_date date,
    {PROTECTED_IDENTITY},
    person_key uuid not null,
    source_system text,
    source_id text,
    deceased_on date,
    moved_out_on date,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null default 1,
    constraint ck_children_unborn check (birth_date is null or expected_birth_date is null),
    constraint ck_children_source check ((source_system is null) = (source_id is null)),""",
    "child_details": f"""
    {OF_CHILD},
    care_of text,
    street_address text,
    postal_code text,
    city text,
    phone text,
    school_name text,
    school_address text,
    language text,
    interpreter_needed boolean not null default false,
    constraint uq_child_details_child_id unique (child_id),""",
    "child_identifiers": f"""
    {OF_CHILD},
    type text not null constraint ck_child_identifiers_type
        check (type in ('personnummer', 'samordningsnummer', 'nrid', 'local_reserve')),
    value text not null,
    oid text not null,
    identity_level text constraint ck_child_identifiers_identity_level
        check (identity_level in ('styrkt', 'sannolik', 'osaker')),
    dormant boolean not null default false,
    valid_from date,
    valid_to date,
    version integer not null default 1,
    constraint ck_child_identifiers_period check (valid_to >= valid_from),
    constraint ck_child_identifiers_coordination
        check (type = 'samordningsnummer' or (identity_level is null and not dormant)),""",
    "guardian_persons": f"""
    {OF_CHILD},
    given_name text,
    family_name text not null,
    phone text,
    email text,
    {PROTECTED_IDENTITY},
    person_key uuid not null,
    constraint uq_guardian_persons_child_id unique (child_id, person_key),""",
    "guardianships": f"""
    {OF_CHILD},
    person_id uuid not null constraint fk_guardianships_person_id references guardian_persons (id),
    relation text not null,
    custody text not null constraint ck_guardianships_custody
        check (custody in ('joint', 'sole', 'appointed', 'none')),
    valid_from timestamptz not null,
    valid_to timestamptz,
    source text,
    contact_allowed boolean not null,
    contact_reason text,
    updated_at timestamptz not null,
    version integer not null default 1,
    constraint ck_guardianships_period check (valid_to >= valid_from),
    constraint ck_guardianships_contact check (contact_allowed or contact_reason is not null),""",
    "sibling_links": f"""
    {OF_CHILD},
    sibling_id uuid not null constraint fk_sibling_links_sibling_id references children (id),
    relation text,
    constraint ck_sibling_links_two check (child_id <> sibling_id),""",
    "checkpoints": f"""
    {OF_CHILD},
    user_id uuid not null constraint fk_checkpoints_user_id references users (id),
    reason text not null,
    passed_at timestamptz not null,
    valid_until timestamptz not null,""",
}

INDEXES = """
create index ix_children_owner_unit_id on children (owner_unit_id, id);
create unique index uq_children_source on children (owner_authority_id, source_system, source_id)
    where source_system is not null;
create index ix_child_identifiers_child_id on child_identifiers (child_id, id);
create unique index uq_child_identifiers_current on child_identifiers (owner_unit_id, type, oid, value)
    where valid_to is null;
create index ix_child_identifiers_value on child_identifiers (value, type) where valid_to is null;
create index ix_guardianships_child_id on guardianships (child_id, id);
create unique index uq_guardianships_current on guardianships (person_id) where valid_to is null;
create unique index uq_sibling_links_pair
    on sibling_links (least(child_id, sibling_id), greatest(child_id, sibling_id));
create index ix_sibling_links_child_id on sibling_links (child_id);
create index ix_sibling_links_sibling_id on sibling_links (sibling_id);
create index ix_checkpoints_child_id on checkpoints (child_id, user_id, id);
"""

# Siblings are the owner unit's own knowledge (R2.7): no grant ever contains the category 'own'.
WALL = {
    "children": ("id", "core"),
    "child_details": ("child_id", "contact"),
    "child_identifiers": ("child_id", "contact"),
    "guardian_persons": ("child_id", "contact"),
    "guardianships": ("child_id", "contact"),
    "sibling_links": ("child_id", "own"),
    "checkpoints": ("child_id", "core"),
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        body = f"id uuid not null constraint pk_{{0}} primary key, {columns} {OWNED}".format(table)
        op.execute(f"create table {table} ({body})")
    op.execute(INDEXES)
    for table, (circle, category) in WALL.items():
        op.execute(f"call wall.protect('{table}', '{circle}', '''{category}''')")


def downgrade() -> None:
    op.execute(f"drop table {', '.join(reversed(TABLES))}")

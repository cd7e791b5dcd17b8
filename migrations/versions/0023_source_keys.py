"""Source keys: what a record is called in the system that it came from.

Children and cases carry theirs themselves (0003, 0005). A key of something about a child is its own unit's to see; keys
of the directory are everybody's, because others refer to them.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEYS = r"""
create table source_keys (
    id uuid not null constraint pk_source_keys primary key,
    kind text not null,
    source_system text not null,
    source_id text not null,
    record_id uuid not null,
    owner_authority_id uuid not null constraint fk_source_keys_owner_authority_id references authorities (id),
    owner_unit_id uuid constraint fk_source_keys_owner_unit_id references units (id)
);
create unique index uq_source_keys_key on source_keys (owner_authority_id, kind, source_system, source_id);
create index ix_source_keys_key on source_keys (kind, source_system, source_id);
create index ix_source_keys_record_id on source_keys (record_id);

alter table source_keys enable row level security;
create policy own on source_keys to tillsammans_program using (
    owner_unit_id is null or owner_unit_id = (select wall.party())
) with check (
    owner_authority_id = (select wall.authority())
    and (owner_unit_id is null or owner_unit_id = (select wall.party()))
);
grant select, insert on source_keys to tillsammans_program;
call wall.name_changes('source_keys', 'record_id');
"""


def upgrade() -> None:
    op.execute(KEYS)


def downgrade() -> None:
    op.execute("drop table source_keys")

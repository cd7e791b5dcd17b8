"""Exports: who takes out what, and why. What is taken out is not kept: it is read when it is fetched."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLE = r"""
create table exports (
    id uuid not null constraint pk_exports primary key,
    submitted_by uuid not null constraint fk_exports_submitted_by references users (id),
    assignment_id uuid not null constraint fk_exports_assignment_id references assignments (id),
    kind text not null,
    format text not null constraint ck_exports_format check (format in ('ndjson', 'csv', 'csv_excel')),
    reason text not null,
    include_protected boolean not null,
    municipality_code text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    fetched_at timestamptz,
    lines integer,
    version integer not null default 1,
    constraint ck_exports_fetched check ((fetched_at is null) = (lines is null))
);
create index ix_exports_submitted_by on exports (submitted_by, id);
create index ix_exports_assignment_id on exports (assignment_id);

alter table exports enable row level security;
create policy own on exports to tillsammans_program using (submitted_by = (select wall.actor()));
grant select, insert, update on exports to tillsammans_program;
call wall.name_changes('exports', 'id');
"""


def upgrade() -> None:
    op.execute(TABLE)


def downgrade() -> None:
    op.execute("drop table exports")

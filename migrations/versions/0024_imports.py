"""Imports: who handed in which file, its lines in blocks, and what became of each.

They hold what somebody sent, before any rule has looked at it: nobody but they themselves sees it. A block's lines are
forgotten in the transaction that answers them, and everything when the answers have been kept long enough.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = r"""
create table imports (
    id uuid not null constraint pk_imports primary key,
    submitted_by uuid not null constraint fk_imports_submitted_by references users (id),
    assignment_id uuid not null constraint fk_imports_assignment_id references assignments (id),
    client_id text,
    scopes text[] not null,
    language text not null,
    trace_id text not null,
    format text not null constraint ck_imports_format check (format in ('ndjson', 'csv')),
    kind text,
    source_system text,
    mode text not null constraint ck_imports_mode check (mode in ('atomic', 'partial')),
    strategy text not null constraint ck_imports_strategy check (strategy in ('create', 'update', 'upsert')),
    dry_run boolean not null,
    delimiter text,
    columns text[],
    idempotency_key text,
    fingerprint bytea not null,
    status text not null constraint ck_imports_status
        check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
    failed_because text,
    submitted_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    constraint ck_imports_csv check (num_nonnulls(kind, delimiter, columns) = 3 or format <> 'csv'),
    constraint ck_imports_finished check (
        (finished_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
    constraint ck_imports_failed check ((failed_because is not null) = (status = 'failed'))
);
-- One file is one import, however often it is sent: by its key, or by what it is. What came to nothing may come again.
create unique index uq_imports_key on imports (submitted_by, idempotency_key) where idempotency_key is not null;
create unique index uq_imports_content on imports (submitted_by, fingerprint)
    where idempotency_key is null and status not in ('failed', 'cancelled');
create index ix_imports_submitted_by on imports (submitted_by, id);
create index ix_imports_fingerprint on imports (submitted_by, fingerprint);
create index ix_imports_assignment_id on imports (assignment_id);
create index ix_imports_due on imports (id) where status in ('queued', 'running');
create index ix_imports_finished_at on imports (finished_at);

create table import_blocks (
    import_id uuid not null constraint fk_import_blocks_import_id references imports (id),
    number integer not null,
    submitted_by uuid not null constraint fk_import_blocks_submitted_by references users (id),
    numbers integer[] not null,
    content bytea[],
    results jsonb,
    created integer not null default 0,
    updated integer not null default 0,
    unchanged integer not null default 0,
    failed integer not null default 0,
    constraint pk_import_blocks primary key (import_id, number),
    constraint ck_import_blocks_numbers check (cardinality(numbers) > 0)
);
create index ix_import_blocks_submitted_by on import_blocks (submitted_by);
create index ix_import_blocks_open on import_blocks (import_id, number) where results is null;
-- It is there for a moment only: compressing it costs more than it saves.
alter table import_blocks alter content set storage external;

-- Which line of a file was the first with a key; the key itself is not kept, only its fingerprint. No reference: the
-- rows last as long as the import runs, and each would pay for the look.
create table import_keys (
    import_id uuid not null,
    key uuid not null,
    submitted_by uuid not null,
    line integer not null,
    constraint pk_import_keys primary key (import_id, key)
);

alter table imports enable row level security;
create policy own on imports to tillsammans_program using (submitted_by = (select wall.actor()));
alter table import_blocks enable row level security;
create policy own on import_blocks to tillsammans_program using (submitted_by = (select wall.actor()));
alter table import_keys enable row level security;
create policy own on import_keys to tillsammans_program using (submitted_by = (select wall.actor()));
grant select, insert, update on imports, import_blocks to tillsammans_program;
grant select, insert, delete on import_keys to tillsammans_program;
"""

WALL = r"""
-- What a worker must know to become the one who asked: nothing of the file, and in no order, so that a large file
-- does not keep the small ones waiting.
create function wall.due_imports() returns table (
    import_id uuid, assignment_id uuid, client_id text, scopes text[], language text, trace_id text
)
language sql volatile security definer set search_path = '' as $$
    select i.id, i.assignment_id, i.client_id, i.scopes, i.language, i.trace_id from public.imports i
    where i.status in ('queued', 'running') order by random() limit 100
$$;

-- For an import whose assignment is over: there is nobody left to act as.
create function wall.abandon_import(abandoned uuid, because text, at timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
begin
    update public.imports i set status = 'failed', failed_because = because, finished_at = at
    where i.id = abandoned and i.status in ('queued', 'running') and not exists (
        select from public.assignments a join public.users u on u.id = a.user_id
        where a.id = i.assignment_id and u.active and a.valid_from <= at
          and (a.valid_to is null or a.valid_to > at)
    );
    if found then
        update public.import_blocks set content = null where import_id = abandoned;
        delete from public.import_keys where import_id = abandoned;
    end if;
end $$;

create function wall.forget_imports(before timestamptz) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
    -- Never on the day it ended, whoever asks.
    forgotten uuid[] := array(
        select id from public.imports where finished_at < least(before, now() - interval '1 day'));
begin
    delete from public.import_keys where import_id = any (forgotten);
    delete from public.import_blocks where import_id = any (forgotten);
    delete from public.imports where id = any (forgotten);
    return cardinality(forgotten);
end $$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(WALL)


def downgrade() -> None:
    for function in ("due_imports", "abandon_import", "forget_imports"):
        op.execute(f"drop function wall.{function}")
    op.execute("drop table import_keys, import_blocks, imports")

"""Webhooks: who is told of which events, with which secret, and what became of each; and the queue that carries them.

The queue is procrastinate's own schema, as of version 3.10.0, beside this file: it holds the ids of deliveries and
nothing else. A worker learns from the wall as whom a delivery is made, and becomes that user before the same wall.
"""

import re
from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

QUEUE = Path(__file__).with_name("0026_procrastinate.sql")

TABLES = r"""
create table webhook_subscriptions (
    id uuid not null constraint pk_webhook_subscriptions primary key,
    submitted_by uuid not null constraint fk_webhook_subscriptions_submitted_by references users (id),
    assignment_id uuid not null constraint fk_webhook_subscriptions_assignment_id references assignments (id),
    client_id text,
    scopes text[] not null,
    url text not null,
    description text,
    record_types text[] not null,
    operations text[] not null,
    status text not null constraint ck_webhook_subscriptions_status
        check (status in ('active', 'paused', 'disabled', 'ended')),
    disabled_because text constraint ck_webhook_subscriptions_disabled_because
        check (disabled_because in ('gone', 'failing', 'assignment_ended', 'events_forgotten')),
    status_since timestamptz not null,
    created_at timestamptz not null,
    version integer not null default 1,
    constraint ck_webhook_subscriptions_disabled check ((disabled_because is not null) = (status = 'disabled'))
);
create index ix_webhook_subscriptions_submitted_by on webhook_subscriptions (submitted_by, id);
create index ix_webhook_subscriptions_assignment_id on webhook_subscriptions (assignment_id);
create index ix_webhook_subscriptions_active on webhook_subscriptions (id) where status = 'active';

create table webhook_progress (
    subscription_id uuid not null constraint pk_webhook_progress primary key
        constraint fk_webhook_progress_subscription_id references webhook_subscriptions (id),
    submitted_by uuid not null constraint fk_webhook_progress_submitted_by references users (id),
    position bigint not null,
    failing_since timestamptz
);
create index ix_webhook_progress_submitted_by on webhook_progress (submitted_by);

create table webhook_secrets (
    id uuid not null constraint pk_webhook_secrets primary key,
    subscription_id uuid not null
        constraint fk_webhook_secrets_subscription_id references webhook_subscriptions (id),
    submitted_by uuid not null constraint fk_webhook_secrets_submitted_by references users (id),
    sealed bytea not null,
    made_at timestamptz not null,
    valid_until timestamptz
);
create index ix_webhook_secrets_subscription_id on webhook_secrets (subscription_id);
create index ix_webhook_secrets_submitted_by on webhook_secrets (submitted_by);

create table webhook_deliveries (
    id uuid not null constraint pk_webhook_deliveries primary key,
    subscription_id uuid not null
        constraint fk_webhook_deliveries_subscription_id references webhook_subscriptions (id),
    submitted_by uuid not null constraint fk_webhook_deliveries_submitted_by references users (id),
    event_id uuid not null,
    event_type text not null,
    body text not null,
    status text not null constraint ck_webhook_deliveries_status check (status in ('waiting', 'delivered', 'failed')),
    attempts integer not null default 0,
    status_code integer,
    fault text constraint ck_webhook_deliveries_fault
        check (fault in ('status', 'timeout', 'unreachable', 'untrusted', 'refused', 'withdrawn')),
    created_at timestamptz not null,
    next_attempt_at timestamptz,
    delivered_at timestamptz,
    constraint uq_webhook_deliveries_event unique (subscription_id, event_id),
    constraint ck_webhook_deliveries_waiting check ((next_attempt_at is not null) = (status = 'waiting')),
    constraint ck_webhook_deliveries_delivered check (delivered_at is not null or status <> 'delivered')
);
create index ix_webhook_deliveries_subscription_id on webhook_deliveries (subscription_id, id);
create index ix_webhook_deliveries_submitted_by on webhook_deliveries (submitted_by);
create index ix_webhook_deliveries_created_at on webhook_deliveries (created_at);
create index ix_webhook_deliveries_waiting on webhook_deliveries (subscription_id) where status = 'waiting';

alter table webhook_subscriptions enable row level security;
create policy own on webhook_subscriptions to tillsammans_program using (submitted_by = (select wall.actor()));
alter table webhook_progress enable row level security;
create policy own on webhook_progress to tillsammans_program using (submitted_by = (select wall.actor()));
alter table webhook_secrets enable row level security;
create policy own on webhook_secrets to tillsammans_program using (submitted_by = (select wall.actor()));
alter table webhook_deliveries enable row level security;
create policy own on webhook_deliveries to tillsammans_program using (submitted_by = (select wall.actor()));
grant select, insert, update on webhook_subscriptions, webhook_progress, webhook_deliveries to tillsammans_program;
grant select, insert, update, delete on webhook_secrets to tillsammans_program;
call wall.name_changes('webhook_subscriptions', 'id');
call wall.name_changes('webhook_secrets', 'subscription_id');
"""

WALL = r"""
-- Whom there may be something to tell: events behind their position, and not too many that still wait.
create function wall.due_webhooks(most integer) returns table (
    subscription_id uuid, assignment_id uuid, client_id text, scopes text[]
)
language sql stable security definer set search_path = '' as $$
    select s.id, s.assignment_id, s.client_id, s.scopes
    from public.webhook_subscriptions s
    join public.webhook_progress p on p.subscription_id = s.id
    join public.event_feed f on p.position <> f.placed
    where s.status = 'active' and (
        select count(*) from (
            select from public.webhook_deliveries d
            where d.subscription_id = s.id and d.status = 'waiting' limit most
        ) waiting
    ) < most
$$;

-- As whom a delivery is made.
create function wall.webhook_of(delivery uuid) returns table (
    subscription_id uuid, assignment_id uuid, client_id text, scopes text[]
)
language sql stable security definer set search_path = '' as $$
    select s.id, s.assignment_id, s.client_id, s.scopes
    from public.webhook_deliveries d join public.webhook_subscriptions s on s.id = d.subscription_id
    where d.id = delivery
$$;

-- For a subscription whose assignment is over: there is nobody left to act as. True when it was.
create function wall.abandon_webhook(abandoned uuid, at timestamptz) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
    update public.webhook_subscriptions s
    set status = 'disabled', disabled_because = 'assignment_ended', status_since = at, version = version + 1
    where s.id = abandoned and s.status in ('active', 'paused') and not exists (
        select from public.assignments a join public.users u on u.id = a.user_id
        where a.id = s.assignment_id and u.active and a.valid_from <= at
          and (a.valid_to is null or a.valid_to > at)
    );
    return found;
end $$;

-- What has been told, or was given up, is forgotten after a while; never what waits.
create function wall.forget_deliveries(before timestamptz, most integer) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
    number bigint;
begin
    delete from public.webhook_deliveries where id in (
        select id from public.webhook_deliveries
        where created_at < least(before, now() - interval '1 day') and status <> 'waiting'
        order by created_at limit most
    );
    get diagnostics number = row_count;
    return number;
end $$;
"""

# The role may carry jobs, and nothing else: neither periodic jobs nor a look at what others were told.
RIGHTS = r"""
grant select, insert, update, delete on procrastinate_jobs, procrastinate_workers to tillsammans_program;
grant select, insert on procrastinate_events to tillsammans_program;
grant select, update on procrastinate_periodic_defers to tillsammans_program;
grant usage on sequence procrastinate_jobs_id_seq, procrastinate_events_id_seq to tillsammans_program;
"""

UNQUEUED = r"""
drop table procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers cascade;
do $$
declare
    left_over regprocedure;
begin
    for left_over in
        select p.oid from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname like 'procrastinate\_%'
    loop
        execute format('drop function %s cascade', left_over);
    end loop;
end $$;
drop type procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
"""


def _as_it_is(script: str) -> str:
    """SQLAlchemy takes ``:name`` for a parameter, and the driver ``%``."""
    return re.sub(r"(?<!:):(?=[A-Za-z_])", r"\\:", script)


def upgrade() -> None:
    op.execute(_as_it_is(QUEUE.read_text("utf-8")))
    for step in (TABLES, WALL, RIGHTS):
        op.execute(step)


def downgrade() -> None:
    for function in ("due_webhooks", "webhook_of", "abandon_webhook", "forget_deliveries"):
        op.execute(f"drop function wall.{function}")
    op.execute("drop table webhook_deliveries, webhook_secrets, webhook_progress, webhook_subscriptions")
    op.execute(_as_it_is(UNQUEUED))

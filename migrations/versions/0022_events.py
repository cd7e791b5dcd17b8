"""The outbox: whatever the access log names as changed leaves an event in the same transaction (docs/decisions/0013).

- ``events`` is written by a trigger on ``access_log``: nobody can change something, name it, and forget the event.
- What time itself moves in a line, or somebody who sees no entry, has no name in the log: such a move leaves its event
  by a trigger of its own, ids only.
- An event gets its position when its transaction has been committed, one placer at a time: so there is never a gap
  behind a position that a reader has seen. ``recorded`` is drawn while the record is locked, and orders what is placed
  together: so the events of one record stand in the order of its changes.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

EVENTS = r"""
create sequence wall.events_recorded;
create table events (
    id uuid not null constraint pk_events primary key,
    position bigint,
    recorded bigint not null default nextval('wall.events_recorded'),
    occurred_at timestamptz not null,
    record_type text not null,
    record_id uuid not null,
    circle_id uuid,
    operation text not null
);
create unique index uq_events_position on events (position) where position is not null;
create index ix_events_recorded on events (recorded) where position is null;

-- How far the events have been placed, and up to where they have been forgotten.
create table event_feed (
    placed bigint not null,
    forgotten bigint not null,
    single boolean not null default true constraint pk_event_feed primary key
        constraint ck_event_feed_single check (single)
);
insert into event_feed (placed, forgotten) values (0, 0);

-- That something happened in a circle is told inside it. Whether the record itself is seen is asked of its own table.
alter table events enable row level security;
create policy told on events for select to tillsammans_program using (
    circle_id is null
    or exists (
        select 1 from circle_grants g
        where g.circle_id = events.circle_id and g.party_id = (select wall.party())
          and g.valid_from <= (select wall.instant()) and g.valid_until > (select wall.instant())
        offset 0
    )
);
grant select on events, event_feed to tillsammans_program;
"""

NOTED = r"""
-- One event for each record and operation, however often the entries name it. A contact group is in the directory: its
-- circle is that of its sessions.
create function wall.note_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
    insert into public.events (id, occurred_at, record_type, record_id, circle_id, operation)
    select once.id, once.logged_at, once.object_type, once.object_id,
           case when once.object_type not in ('contact_group', 'group_leader') then once.circle_id end, once.action
    from (
        select distinct on (e.object_type, e.object_id, e.action) e.*
        from entries e where e.kind = 'change' order by e.object_type, e.object_id, e.action, e.id
    ) once
    order by once.id;
    return null;
end $$;
create trigger note_events after insert on access_log referencing new table as entries
    for each statement execute function wall.note_events();

-- A claim stands for the record with its id: it has changed with it, also where nobody may have named it.
create function wall.note_moves() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    moved jsonb := to_jsonb(coalesce(new, old));
    claim uuid := (moved ->> tg_argv[0])::uuid;
    kind text;
begin
    select k into kind from (
        select 'queue_entry' from public.queue_entries where id = claim
        union all
        select 'activity_registration' from public.activity_registrations where id = claim
    ) known (k);
    if kind is null or exists (
        select from public.access_log l
        where l.epoch = wall.epoch() and l.xact = pg_current_xact_id()::text::bigint and l.kind = 'change'
          and l.object_id = claim
    ) then
        return null;
    end if;
    insert into public.events (id, occurred_at, record_type, record_id, circle_id, operation)
    values (coalesce((moved ->> 'id')::uuid, gen_random_uuid()),
            coalesce((moved ->> 'moved_at')::timestamptz, wall.instant(), now()), kind, claim, claim,
            'place:' || coalesce(moved ->> 'move', 'consent'));
    return null;
end $$;
create constraint trigger note_moves after insert on place_moves
    deferrable initially deferred for each row execute function wall.note_moves('claim_id');
create constraint trigger note_moves after insert or update or delete on queue_consents
    deferrable initially deferred for each row execute function wall.note_moves('entry_id');

-- The one table of records that could be changed without a name.
call wall.name_changes('wheel_templates', 'id');
"""

PLACED = r"""
-- Give positions to what has been committed, at most so many at once: how many, and the last position that there is.
-- Whoever comes meanwhile waits for the one row, and then sees everything that was committed before.
create function wall.place_events(most integer, out number bigint, out last bigint)
language plpgsql security definer set search_path = '' as $$
begin
    number := 0;
    if exists (select from public.events where position is null) then
        select placed into last from public.event_feed for update;
        with waiting as (
            select id, recorded from public.events where position is null order by recorded limit most
        ),
        numbered as (select id, last + row_number() over (order by recorded) as position from waiting)
        update public.events e set position = n.position from numbered n where e.id = n.id;
        get diagnostics number = row_count;
        update public.event_feed set placed = placed + number;
    end if;
    select placed into last from public.event_feed;
end $$;

-- Forget the oldest, up to the first that is to be kept, at most so many at once; never what is younger than a day.
create function wall.forget_events(before timestamptz, most integer) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
    until bigint;
    number bigint;
begin
    perform from public.event_feed for update;
    select coalesce(min(e.position) filter (where e.occurred_at >= least(before, now() - interval '1 day')) - 1,
                    max(e.position)) into until
    from (
        select position, occurred_at from public.events where position is not null order by position limit most
    ) e;
    delete from public.events where position <= until;
    get diagnostics number = row_count;
    update public.event_feed set forgotten = greatest(forgotten, until);
    return number;
end $$;
"""


def upgrade() -> None:
    for step in (EVENTS, NOTED, PLACED):
        op.execute(step)


def downgrade() -> None:
    op.execute("drop function wall.forget_events; drop function wall.place_events")
    op.execute("drop trigger must_be_named on wheel_templates")
    op.execute("drop trigger note_moves on queue_consents; drop trigger note_moves on place_moves")
    op.execute("drop trigger note_events on access_log")
    op.execute("drop function wall.note_moves; drop function wall.note_events")
    op.execute("drop table event_feed, events; drop sequence wall.events_recorded")

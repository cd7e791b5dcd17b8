"""Contact groups, their leaders and sessions.

Groups and leaders are directory: everybody may know which groups there are. A session is the group's own, in a circle
that is the group's: nobody outside its unit reads what is noted there.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CLOCK = "~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'"

DIRECTORY = f"""
create table contact_groups (
    id uuid not null constraint pk_contact_groups primary key,
    unit_id uuid not null constraint fk_contact_groups_unit_id references units (id),
    municipality_code text not null
        constraint fk_contact_groups_municipality_code references municipalities (code),
    name text not null,
    term text not null constraint ck_contact_groups_term check (term ~ '^(VT|HT)[0-9]{{4}}$'),
    grade_min smallint not null,
    grade_max smallint not null,
    weekday smallint not null constraint ck_contact_groups_weekday check (weekday between 1 and 7),
    starts_at text not null constraint ck_contact_groups_starts_at check (starts_at {CLOCK}),
    ends_at text not null constraint ck_contact_groups_ends_at check (ends_at {CLOCK}),
    place text,
    note text,
    status text not null constraint ck_contact_groups_status check (status in ('planned', 'open', 'paused', 'ended')),
    status_reason text,
    default_decision_type text not null constraint ck_contact_groups_default_decision_type
        check (default_decision_type in ('individual_needs_assessment', 'without_needs_assessment')),
    created_at timestamptz not null,
    ended_at timestamptz,
    version integer not null default 1,
    constraint ck_contact_groups_grades check (0 <= grade_min and grade_min <= grade_max and grade_max <= 9),
    constraint ck_contact_groups_times check (starts_at < ends_at),
    constraint ck_contact_groups_ended check ((ended_at is not null) = (status = 'ended'))
);
create index ix_contact_groups_unit_id on contact_groups (unit_id);
create index ix_contact_groups_municipality_code on contact_groups (municipality_code, term);
create table group_leaders (
    id uuid not null constraint pk_group_leaders primary key,
    group_id uuid not null constraint fk_group_leaders_group_id references contact_groups (id),
    user_id uuid not null constraint fk_group_leaders_user_id references users (id),
    police_record_checked_on date not null,
    from_on date not null,
    to_on date,
    version integer not null default 1,
    constraint ck_group_leaders_days check (to_on >= from_on)
);
create unique index uq_group_leaders_current on group_leaders (group_id, user_id) where to_on is null;
create index ix_group_leaders_group_id on group_leaders (group_id, from_on, id);
create index ix_group_leaders_user_id on group_leaders (user_id);

grant select, insert, update on contact_groups, group_leaders to tillsammans_program;
call wall.name_changes('contact_groups', 'id');
call wall.name_changes('group_leaders', 'group_id');
"""

SESSIONS = f"""
create table group_sessions (
    id uuid not null constraint pk_group_sessions primary key,
    group_id uuid not null constraint fk_group_sessions_group_id references contact_groups (id),
    held_on date not null,
    starts_at text constraint ck_group_sessions_starts_at check (starts_at {CLOCK}),
    ends_at text constraint ck_group_sessions_ends_at check (ends_at {CLOCK}),
    status text not null constraint ck_group_sessions_status check (status in ('planned', 'held', 'cancelled')),
    note text,
    cancel_reason text,
    created_by uuid not null constraint fk_group_sessions_created_by references users (id),
    version integer not null default 1,
    owner_unit_id uuid not null constraint fk_group_sessions_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_group_sessions_owner_authority_id references authorities (id),
    municipality_code text,
    constraint ck_group_sessions_times check ((starts_at is null) = (ends_at is null) and starts_at < ends_at),
    constraint ck_group_sessions_cancelled check ((cancel_reason is not null) = (status = 'cancelled'))
);
create index ix_group_sessions_held_on on group_sessions (group_id, held_on, id);
create unique index uq_group_sessions_day on group_sessions (group_id, held_on) where status <> 'cancelled';

call wall.protect('group_sessions', 'group_id', '''core''');
"""


def upgrade() -> None:
    op.execute(DIRECTORY)
    op.execute(SESSIONS)


def downgrade() -> None:
    op.execute("drop table group_sessions, group_leaders, contact_groups")

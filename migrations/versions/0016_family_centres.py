"""Family centres, their parts and visits.

All of it is directory: whom to turn to, which parts there are and whose, and how many came. A visit is a count and
nothing else (R12.6): there is no column in which anybody could be named.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CENTRES = """
create table family_centres (
    id uuid not null constraint pk_family_centres primary key,
    kind text not null constraint ck_family_centres_kind
        check (kind in ('familjecentral', 'familjecentralsliknande', 'way_of_working_0_18')),
    name text not null,
    municipality_code text not null constraint fk_family_centres_municipality_code references municipalities (code),
    unit_id uuid not null constraint fk_family_centres_unit_id references units (id),
    address text,
    phone text,
    age_min smallint not null,
    age_max smallint not null,
    from_pregnancy boolean not null,
    agreement_ref text,
    agreement_on date,
    opening_hours jsonb not null,
    closed_on_holidays boolean not null,
    takes_referrals boolean not null,
    capacity_answer text constraint ck_family_centres_capacity_answer
        check (capacity_answer in ('has_room', 'full', 'full_with_waiting_list', 'must_assess_first')),
    capacity_note text,
    capacity_until date,
    capacity_said_at timestamptz,
    capacity_said_by uuid constraint fk_family_centres_capacity_said_by references users (id),
    status text not null constraint ck_family_centres_status check (status in ('planned', 'open', 'closed')),
    opened_on date,
    closed_on date,
    closed_reason text,
    created_at timestamptz not null,
    version integer not null default 1,
    constraint ck_family_centres_ages check (age_min >= 0 and age_min <= age_max),
    constraint ck_family_centres_capacity check (
        num_nonnulls(capacity_answer, capacity_said_at, capacity_said_by) in (0, 3)
        and (capacity_answer is not null or num_nonnulls(capacity_note, capacity_until) = 0))
);
create index ix_family_centres_municipality_code on family_centres (municipality_code);
create index ix_family_centres_unit_id on family_centres (unit_id);
create table centre_parts (
    id uuid not null constraint pk_centre_parts primary key,
    centre_id uuid not null constraint fk_centre_parts_centre_id references family_centres (id),
    type text not null constraint ck_centre_parts_type check (type in ('mhv', 'bhv', 'open_preschool',
        'preventive_social', 'student_health', 'school', 'youth_clinic', 'other')),
    name text not null,
    unit_id uuid constraint fk_centre_parts_unit_id references units (id),
    authority_id uuid not null constraint fk_centre_parts_authority_id references authorities (id),
    co_located boolean not null,
    age_min smallint,
    age_max smallint,
    from_on date not null,
    to_on date,
    version integer not null default 1,
    constraint ck_centre_parts_ages check (
        num_nonnulls(age_min, age_max) = 0 or (age_min is not null and age_max is not null
            and age_min >= 0 and age_min <= age_max)),
    constraint ck_centre_parts_days check (to_on >= from_on)
);
create unique index uq_centre_parts_current on centre_parts (centre_id, type, name) where to_on is null;
create index ix_centre_parts_centre_id on centre_parts (centre_id);
create index ix_centre_parts_unit_id on centre_parts (unit_id);
create index ix_centre_parts_authority_id on centre_parts (authority_id);
create table centre_visits (
    id uuid not null constraint pk_centre_visits primary key,
    centre_id uuid not null constraint fk_centre_visits_centre_id references family_centres (id),
    part_id uuid constraint fk_centre_visits_part_id references centre_parts (id),
    on_date date not null,
    kind text not null constraint ck_centre_visits_kind
        check (kind in ('open_preschool', 'group', 'drop_in', 'other')),
    children smallint not null constraint ck_centre_visits_children check (children >= 0),
    adults smallint not null constraint ck_centre_visits_adults check (adults >= 0),
    recorded_at timestamptz not null,
    recorded_by uuid not null constraint fk_centre_visits_recorded_by references users (id),
    version integer not null default 1
);
create unique index uq_centre_visits_count on centre_visits (centre_id, on_date, kind, part_id) nulls not distinct;
create index ix_centre_visits_centre_id_on_date_id on centre_visits (centre_id, on_date, id);
create index ix_centre_visits_part_id on centre_visits (part_id);

grant select, insert, update on family_centres, centre_parts, centre_visits to tillsammans_program;
call wall.name_changes('family_centres', 'id');
call wall.name_changes('centre_parts', 'centre_id');
call wall.name_changes('centre_visits', 'centre_id');
"""


def upgrade() -> None:
    op.execute(CENTRES)


def downgrade() -> None:
    op.execute("drop table centre_visits, centre_parts, family_centres")

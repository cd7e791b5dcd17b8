"""Activities, what came of them in numbers, and registrations.

An activity is directory: when, where, for whom, how many places. A registration is somebody's: it shares its id with
the claim that stands in the line (``0012_places``) and stands in a circle of that id. It holds no name, no child and no
age, only the hash of the booking code that its holder was told.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

DIRECTORY = """
create table activities (
    id uuid not null constraint pk_activities primary key,
    unit_id uuid not null constraint fk_activities_unit_id references units (id),
    municipality_code text constraint fk_activities_municipality_code references municipalities (code),
    centre_id uuid constraint fk_activities_centre_id references family_centres (id),
    support_offer_id uuid constraint fk_activities_support_offer_id references support_offers (id),
    type text not null constraint ck_activities_type check (type in (
        'theme_evening_andt', 'npf_meeting', 'komet_meeting', 'movement', 'teacher_training', 'other')),
    title_sv text not null,
    title_en text,
    summary_sv text,
    summary_en text,
    audiences text[] not null constraint ck_activities_audiences check (cardinality(audiences) > 0),
    age_min smallint,
    age_max smallint,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    place text,
    registration_opens_at timestamptz,
    registration_closes_at timestamptz,
    status text not null constraint ck_activities_status check (status in ('planned', 'open', 'cancelled')),
    cancel_reason text,
    created_by uuid not null constraint fk_activities_created_by references users (id),
    version integer not null default 1,
    constraint ck_activities_time check (ends_at > starts_at),
    constraint ck_activities_age check (age_min >= 0 and age_max <= 120 and age_min <= age_max),
    constraint ck_activities_movement check (type <> 'movement' or (age_max is not null and age_max <= 12)),
    constraint ck_activities_cancelled check ((cancel_reason is not null) = (status = 'cancelled'))
);
create index ix_activities_starts_at on activities (starts_at, id);
create index ix_activities_unit_id on activities (unit_id);
create index ix_activities_municipality_code on activities (municipality_code);
create index ix_activities_centre_id on activities (centre_id);
create index ix_activities_support_offer_id on activities (support_offer_id);
create table activity_attendances (
    id uuid not null constraint pk_activity_attendances primary key
        constraint fk_activity_attendances_id references activities (id),
    children smallint not null,
    adults smallint not null,
    staff smallint not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null constraint fk_activity_attendances_recorded_by references users (id),
    version integer not null default 1,
    constraint ck_activity_attendances_counts check (least(children, adults, staff) >= 0)
);
create table activity_evaluations (
    id uuid not null constraint pk_activity_evaluations primary key
        constraint fk_activity_evaluations_id references activities (id),
    text text not null,
    answers smallint not null,
    would_recommend smallint not null,
    written_at timestamptz not null,
    written_by uuid not null constraint fk_activity_evaluations_written_by references users (id),
    version integer not null default 1,
    constraint ck_activity_evaluations_counts check (would_recommend between 0 and answers)
);

grant select, insert, update on activities, activity_attendances, activity_evaluations to tillsammans_program;
call wall.name_changes('activities', 'id');
call wall.name_changes('activity_attendances', 'id');
call wall.name_changes('activity_evaluations', 'id');
"""

REGISTRATIONS = """
create table activity_registrations (
    id uuid not null constraint pk_activity_registrations primary key
        constraint fk_activity_registrations_id references place_claims (id),
    activity_id uuid not null constraint fk_activity_registrations_activity_id references activities (id),
    registered_kind text not null constraint ck_activity_registrations_registered_kind check (registered_kind in (
        'guardian', 'young_person', 'professional', 'desk')),
    code_hash text not null,
    created_at timestamptz not null,
    owner_unit_id uuid not null constraint fk_activity_registrations_owner_unit_id references units (id),
    owner_authority_id uuid not null
        constraint fk_activity_registrations_owner_authority_id references authorities (id),
    municipality_code text
);
create index ix_activity_registrations_owner_unit_id on activity_registrations (owner_unit_id, id);
create index ix_activity_registrations_activity_id on activity_registrations (activity_id, id);
create unique index uq_activity_registrations_code_hash on activity_registrations (code_hash);
call wall.protect('activity_registrations', 'id', '''core''');
"""


def upgrade() -> None:
    op.execute(DIRECTORY)
    op.execute(REGISTRATIONS)


def downgrade() -> None:
    op.execute("drop table activity_registrations, activity_evaluations, activity_attendances, activities")

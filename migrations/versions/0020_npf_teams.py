"""NPF teams and matters.

A team is directory: who is in it, and what it plans. A matter is in a circle of its own, opened by the unit that brings
it to the units of the team: about a child by consent, anonymous by the team's own advice. Everything in a matter is
open to everybody in that circle, so the category is ``core``; nobody is in it who should see less.

When a consent is withdrawn, the matters that rest on it end in the same instant, whoever withdrew it: a guardian stands
in no matter's circle, and could not reach it. ``wall.end_matters_of`` looks at the consent itself, so that whoever
calls it can only make true what is decided already.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

DIRECTORY = """
create table npf_teams (
    id uuid not null constraint pk_npf_teams primary key,
    municipality_code text not null constraint fk_npf_teams_municipality_code references municipalities (code),
    name text not null,
    unit_id uuid not null constraint fk_npf_teams_unit_id references units (id),
    lead_user_id uuid constraint fk_npf_teams_lead_user_id references users (id),
    status text not null constraint ck_npf_teams_status
        check (status in ('forming', 'planning', 'operative', 'paused', 'ended')),
    plan_text text,
    plan_year smallint,
    plan_adopted_on date,
    created_at timestamptz not null,
    version integer not null default 1,
    constraint ck_npf_teams_plan check (plan_adopted_on is null or num_nonnulls(plan_text, plan_year) = 2)
);
create index ix_npf_teams_municipality_code on npf_teams (municipality_code);
create index ix_npf_teams_unit_id on npf_teams (unit_id);
create index ix_npf_teams_lead_user_id on npf_teams (lead_user_id);
create table npf_team_members (
    id uuid not null constraint pk_npf_team_members primary key,
    team_id uuid not null constraint fk_npf_team_members_team_id references npf_teams (id),
    user_id uuid not null constraint fk_npf_team_members_user_id references users (id),
    unit_id uuid not null constraint fk_npf_team_members_unit_id references units (id),
    sector text not null constraint ck_npf_team_members_sector check (sector in ('health', 'social', 'education')),
    from_on date not null,
    to_on date,
    version integer not null default 1,
    constraint ck_npf_team_members_days check (to_on >= from_on)
);
create unique index uq_npf_team_members_current on npf_team_members (team_id, user_id) where to_on is null;
create index ix_npf_team_members_team_id on npf_team_members (team_id, id);
create index ix_npf_team_members_user_id on npf_team_members (user_id);
create index ix_npf_team_members_unit_id on npf_team_members (unit_id);

grant select, insert, update on npf_teams, npf_team_members to tillsammans_program;
call wall.name_changes('npf_teams', 'id');
call wall.name_changes('npf_team_members', 'team_id');
"""

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

TABLES = {
    "npf_matters": """
    team_id uuid not null constraint fk_npf_matters_team_id references npf_teams (id),
    anonymous boolean not null,
    child_id uuid constraint fk_npf_matters_child_id references children (id),
    child_given_name text,
    age_band text constraint ck_npf_matters_age_band check (age_band in ('0-5', '6-9', '10-12', '13-15', '16-18')),
    consent_ids uuid[] not null,
    question text not null,
    needs_and_functioning text,
    status text not null constraint ck_npf_matters_status
        check (status in ('brought', 'discussed', 'followed_up', 'closed')),
    brought_at timestamptz not null,
    brought_by uuid not null constraint fk_npf_matters_brought_by references users (id),
    discuss_on date,
    discussed_on date,
    next_review_on date,
    closed_at timestamptz,
    close_reason text,
    close_note text,
    shielded boolean not null,
    version integer not null default 1,
    constraint ck_npf_matters_anonymous check (case when anonymous
        then num_nonnulls(child_id, child_given_name) = 0 and cardinality(consent_ids) = 0 and age_band is not null
        else child_id is not null and cardinality(consent_ids) > 0 and age_band is null end),
    constraint ck_npf_matters_closed check (
        num_nonnulls(closed_at, close_reason) = case status when 'closed' then 2 else 0 end),""",
    "matter_advices": """
    matter_id uuid not null constraint fk_matter_advices_matter_id references npf_matters (id),
    text text not null,
    given_on date not null,
    given_by uuid not null constraint fk_matter_advices_given_by references users (id),
    recorded_at timestamptz not null,""",
    "matter_actions": """
    matter_id uuid not null constraint fk_matter_actions_matter_id references npf_matters (id),
    text text not null,
    due_on date,
    status text not null constraint ck_matter_actions_status
        check (status in ('proposed', 'taken_on', 'declined', 'done')),
    note text,
    proposed_at timestamptz not null,
    proposed_by uuid not null constraint fk_matter_actions_proposed_by references users (id),
    decided_at timestamptz,
    decided_by uuid constraint fk_matter_actions_decided_by references users (id),
    version integer not null default 1,
    constraint ck_matter_actions_decided check (
        num_nonnulls(decided_at, decided_by) = case status when 'proposed' then 0 else 2 end),""",
    "matter_reviews": """
    matter_id uuid not null constraint fk_matter_reviews_matter_id references npf_matters (id),
    text text not null,
    reviewed_on date not null,
    next_review_on date,
    reviewed_by uuid not null constraint fk_matter_reviews_reviewed_by references users (id),
    recorded_at timestamptz not null,""",
}

INDEXES = """
create index ix_npf_matters_team_id on npf_matters (team_id, id);
create index ix_npf_matters_child_id on npf_matters (child_id);
create index ix_npf_matters_brought_by on npf_matters (brought_by);
create index ix_npf_matters_consent_ids on npf_matters using gin (consent_ids);
create index ix_matter_advices_matter_id on matter_advices (matter_id, id);
create index ix_matter_actions_matter_id on matter_actions (matter_id, id);
create index ix_matter_reviews_matter_id on matter_reviews (matter_id, id);
"""

WALL = r"""
call wall.protect('npf_matters', 'id', '''core''');
call wall.protect('matter_advices', 'matter_id', '''core''');
call wall.protect('matter_actions', 'matter_id', '''core''');
call wall.protect('matter_reviews', 'matter_id', '''core''');
-- Advice is the team's; what comes of it each principal decides about its own (R13.5).
call wall.only_owner_changes('matter_actions');
call wall.final_when('matter_advices', 'true');
call wall.final_when('matter_reviews', 'true');

-- No circle of a matter stays open on a consent that is over. Withdrawn, the matter ends, and its id is told;
-- superseded, it waits for the unit that brought it to state the new consent.
create function wall.end_matters_of(consent uuid) returns setof uuid
language plpgsql security definer set search_path = '' as $$
declare
    standing text := (select c.status from public.consents c where c.id = consent);
begin
    if standing is distinct from 'withdrawn' and standing is distinct from 'superseded' then
        return;
    end if;
    delete from public.circle_grants g using public.npf_matters m
    where g.circle_id = m.id and g.basis <> 'owner' and m.consent_ids @> array[consent];
    if standing = 'withdrawn' then
        update public.deadlines d set met_at = wall.instant(), version = d.version + 1
        from public.npf_matters m
        where d.subject_id = m.id and d.met_at is null and m.consent_ids @> array[consent] and m.status <> 'closed';
        return query
            update public.npf_matters m
            set status = 'closed', closed_at = wall.instant(), close_reason = 'consent_ended', version = m.version + 1
            where m.consent_ids @> array[consent] and m.status <> 'closed'
            returning m.id;
    end if;
end $$;
"""


def upgrade() -> None:
    op.execute(DIRECTORY)
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        op.execute(f"create table {table} ({key}{columns}{OWNED.format(table)})")
    op.execute(INDEXES)
    op.execute(WALL)


def downgrade() -> None:
    op.execute("drop function wall.end_matters_of")
    op.execute("drop table matter_reviews, matter_actions, matter_advices, npf_matters, npf_team_members, npf_teams")

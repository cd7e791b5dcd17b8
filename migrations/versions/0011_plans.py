"""Plans (SIP, Barnets plan) and everything that belongs to them."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

STATES = """'need_identified', 'not_needed', 'consent_pending', 'declined', 'consented', 'preparing', 'called',
            'meeting_held', 'plan_draft', 'active', 'closing', 'suspended', 'closed'"""

TABLES = {
    "plans": f"""
    case_id uuid not null constraint fk_plans_case_id references cases (id),
    child_id uuid not null constraint fk_plans_child_id references children (id),
    child_key uuid not null,
    kind text not null constraint ck_plans_kind check (kind in ('sip', 'barnets_plan')),
    status text not null constraint ck_plans_status check (status in ({STATES})),
    initiator_kind text not null constraint ck_plans_initiator_kind
        check (initiator_kind in ('family', 'child', 'professional')),
    initiator_unit_id uuid constraint fk_plans_initiator_unit_id references units (id),
    need_reason text not null,
    question text,
    what_matters text,
    child_view text,
    child_view_missing_reason text,
    plain_text text,
    overall_principal text constraint ck_plans_overall_principal
        check (overall_principal in ('region', 'municipality')),
    overall_authority_id uuid constraint fk_plans_overall_authority_id references authorities (id),
    main_responsible_id uuid constraint fk_plans_main_responsible_id references users (id),
    main_responsible_unit_id uuid constraint fk_plans_main_responsible_unit_id references units (id),
    chair_id uuid constraint fk_plans_chair_id references users (id),
    documenter_id uuid constraint fk_plans_documenter_id references users (id),
    documenter_unit_id uuid constraint fk_plans_documenter_unit_id references units (id),
    care_contact text,
    one_sided_reason text,
    others_measures_note text,
    other_plans jsonb not null default '[]',
    kva_code text,
    consent_ids uuid[] not null default '{{}}',
    upgraded_from_id uuid constraint fk_plans_upgraded_from_id references plans (id),
    next_follow_up_on date,
    met_at timestamptz,
    activated_at timestamptz,
    closed_at timestamptz,
    close_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version integer not null default 1,
    constraint ck_plans_closed check ((closed_at is not null) = (status in ('closed', 'declined', 'not_needed'))),""",
    "plan_steps": """
    case_id uuid not null constraint fk_plan_steps_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_steps_plan_id references plans (id),
    deed text not null,
    status text not null,
    reason text,
    taken_at timestamptz not null,
    taken_by uuid not null constraint fk_plan_steps_taken_by references users (id),""",
    "plan_refusals": """
    case_id uuid not null constraint fk_plan_refusals_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_refusals_plan_id references plans (id),
    reason text not null,
    approved_by uuid not null constraint fk_plan_refusals_approved_by references users (id),
    refused_at timestamptz not null,""",
    "plan_disagreements": """
    case_id uuid not null constraint fk_plan_disagreements_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_disagreements_plan_id references plans (id),
    whose text not null constraint ck_plan_disagreements_whose check (whose in ('child', 'guardian', 'professional')),
    text text not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null constraint fk_plan_disagreements_recorded_by references users (id),
    settled_at timestamptz,
    settled_how text,
    version integer not null default 1,""",
    "plan_needs": """
    case_id uuid not null constraint fk_plan_needs_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_needs_plan_id references plans (id),
    wheel_dimensions text[] not null,
    assessment_id uuid,
    description text not null,
    child_view text,
    guardian_view text,
    created_at timestamptz not null,
    removed_at timestamptz,
    version integer not null default 1,""",
    "plan_goals": """
    case_id uuid not null constraint fk_plan_goals_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_goals_plan_id references plans (id),
    need_id uuid not null constraint fk_plan_goals_need_id references plan_needs (id),
    text text not null,
    horizon text not null constraint ck_plan_goals_horizon check (horizon in ('short', 'long')),
    evidence text,
    status text not null constraint ck_plan_goals_status
        check (status in ('open', 'reached', 'partly', 'not_reached', 'changed')),
    created_at timestamptz not null,
    removed_at timestamptz,
    version integer not null default 1,""",
    "plan_actions": """
    case_id uuid not null constraint fk_plan_actions_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_actions_plan_id references plans (id),
    goal_id uuid constraint fk_plan_actions_goal_id references plan_goals (id),
    principal text not null constraint ck_plan_actions_principal
        check (principal in ('region', 'municipality', 'private_provider', 'civil_society', 'family', 'other')),
    responsible_id uuid constraint fk_plan_actions_responsible_id references users (id),
    description text not null,
    own_effort boolean not null,
    other_party_name text,
    start_on date,
    due_on date,
    status text not null constraint ck_plan_actions_status
        check (status in ('planned', 'ongoing', 'done', 'stopped')),
    result text,
    commitment integer not null default 1,
    decision text constraint ck_plan_actions_decision check (decision in ('goes_on', 'stops')),
    decision_reason text,
    decided_at timestamptz,
    created_at timestamptz not null,
    created_by uuid not null constraint fk_plan_actions_created_by references users (id),
    removed_at timestamptz,
    version integer not null default 1,
    constraint ck_plan_actions_own_effort check (own_effort = (principal = 'family')),
    constraint ck_plan_actions_other_party
        check ((other_party_name is not null) = (principal in ('civil_society', 'other'))),""",
    "action_questions": """
    case_id uuid not null constraint fk_action_questions_case_id references cases (id),
    action_id uuid not null constraint fk_action_questions_action_id references plan_actions (id),
    question text not null,
    asked_at timestamptz not null,
    asked_by uuid not null constraint fk_action_questions_asked_by references users (id),
    answer text,
    answered_at timestamptz,
    answered_by uuid constraint fk_action_questions_answered_by references users (id),
    version integer not null default 1,""",
    "crisis_notes": """
    circle_id uuid not null,
    case_id uuid not null,
    plan_id uuid not null constraint fk_crisis_notes_plan_id references plans (id),
    text text not null,
    named_unit_ids uuid[] not null,
    written_at timestamptz not null,
    written_by uuid not null constraint fk_crisis_notes_written_by references users (id),
    ended_at timestamptz,
    version integer not null default 1,""",
    "plan_acceptances": """
    case_id uuid not null constraint fk_plan_acceptances_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_acceptances_plan_id references plans (id),
    unit_id uuid constraint fk_plan_acceptances_unit_id references units (id),
    person_key uuid,
    standing text constraint ck_plan_acceptances_standing check (standing in ('guardian', 'child')),
    commitments jsonb not null,
    accepted_at timestamptz not null,
    accepted_by uuid not null constraint fk_plan_acceptances_accepted_by references users (id),
    constraint ck_plan_acceptances_party check ((unit_id is null) = (person_key is not null)),
    constraint ck_plan_acceptances_family check ((person_key is null) = (standing is null)),""",
    "plan_versions": """
    case_id uuid not null constraint fk_plan_versions_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_versions_plan_id references plans (id),
    number integer not null,
    content jsonb not null,
    reason text,
    made_at timestamptz not null,
    made_by uuid not null constraint fk_plan_versions_made_by references users (id),""",
    "plan_deliveries": """
    case_id uuid not null constraint fk_plan_deliveries_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_deliveries_plan_id references plans (id),
    version_id uuid not null constraint fk_plan_deliveries_version_id references plan_versions (id),
    unit_id uuid constraint fk_plan_deliveries_unit_id references units (id),
    person_key uuid,
    standing text constraint ck_plan_deliveries_standing check (standing in ('guardian', 'child')),
    channel text not null constraint ck_plan_deliveries_channel check (channel in ('portal', 'sdk', 'paper')),
    delivered_at timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by uuid constraint fk_plan_deliveries_acknowledged_by references users (id),
    version integer not null default 1,
    constraint ck_plan_deliveries_party check ((unit_id is null) = (person_key is not null)),""",
    "plan_follow_ups": """
    case_id uuid not null constraint fk_plan_follow_ups_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_follow_ups_plan_id references plans (id),
    meeting_id uuid,
    held_on date not null,
    child_view text,
    child_view_missing_reason text,
    family_view text,
    family_view_missing_reason text,
    experiences jsonb not null,
    next_follow_up_on date,
    recorded_at timestamptz not null,
    recorded_by uuid not null constraint fk_plan_follow_ups_recorded_by references users (id),""",
    "plan_goal_outcomes": """
    case_id uuid not null constraint fk_plan_goal_outcomes_case_id references cases (id),
    follow_up_id uuid not null constraint fk_plan_goal_outcomes_follow_up_id references plan_follow_ups (id),
    goal_id uuid not null constraint fk_plan_goal_outcomes_goal_id references plan_goals (id),
    outcome text not null constraint ck_plan_goal_outcomes_outcome
        check (outcome in ('reached', 'partly', 'not_reached', 'changed')),
    note text,""",
    "plan_closures": """
    case_id uuid not null constraint fk_plan_closures_case_id references cases (id),
    plan_id uuid not null constraint fk_plan_closures_plan_id references plans (id),
    close_reason text not null,
    outcome_summary text not null,
    child_view text,
    child_view_missing_reason text,
    closed_at timestamptz not null,
    closed_by uuid not null constraint fk_plan_closures_closed_by references users (id),""",
}

# One active SIP for one child, whichever unit's record it is about (R7.5).
INDEXES = """
create unique index uq_plans_active_sip on plans (child_key) where kind = 'sip' and status in ('active', 'closing');
create index ix_plans_case_id on plans (case_id, id);
create index ix_plans_child_id on plans (child_id);
create index ix_plans_owner_unit_id on plans (owner_unit_id, id);
create index ix_plans_upgraded_from_id on plans (upgraded_from_id) where upgraded_from_id is not null;
create index ix_plans_consent_ids on plans using gin (consent_ids);
create index ix_plan_steps_plan_id on plan_steps (plan_id, taken_at);
create index ix_plan_refusals_plan_id on plan_refusals (plan_id);
create index ix_plan_disagreements_plan_id on plan_disagreements (plan_id);
create index ix_plan_needs_plan_id on plan_needs (plan_id, id);
create index ix_plan_goals_plan_id on plan_goals (plan_id, id);
create index ix_plan_goals_need_id on plan_goals (need_id);
create index ix_plan_actions_plan_id on plan_actions (plan_id, id);
create index ix_plan_actions_goal_id on plan_actions (goal_id);
create index ix_action_questions_action_id on action_questions (action_id, id);
create index ix_crisis_notes_plan_id on crisis_notes (plan_id);
create index ix_plan_acceptances_plan_id on plan_acceptances (plan_id, accepted_at);
create unique index uq_plan_versions_plan_id_number on plan_versions (plan_id, number);
create index ix_plan_deliveries_plan_id on plan_deliveries (plan_id, id);
create unique index uq_plan_deliveries_recipient on plan_deliveries (version_id, unit_id, person_key)
    nulls not distinct;
create index ix_plan_follow_ups_plan_id on plan_follow_ups (plan_id, held_on, id);
create index ix_plan_goal_outcomes_follow_up_id on plan_goal_outcomes (follow_up_id);
create unique index uq_plan_goal_outcomes_goal on plan_goal_outcomes (follow_up_id, goal_id);
create index ix_plan_closures_plan_id on plan_closures (plan_id);
"""

#: What is written once: who accepted what, what was delivered as which version, how it went.
FINAL = ("plan_steps", "plan_refusals", "plan_acceptances", "plan_versions", "plan_follow_ups", "plan_goal_outcomes")


#: R4.6: whoever the circle has closed to still decides what becomes of its own open work, and does nothing else there.
DECISION = r"""
create function wall.decide_own_action(action uuid, decided text, why text) returns void
language plpgsql security definer set search_path = '' as $$
begin
    update public.plan_actions a
    set decision = decided, decision_reason = why, decided_at = wall.instant(), version = a.version + 1,
        status = case decided when 'stops' then 'stopped' else a.status end
    where a.id = action and a.owner_unit_id = wall.party() and a.removed_at is null
      and a.status in ('planned', 'ongoing');
    if not found then
        raise insufficient_privilege using message = 'only its owner decides about an open action';
    end if;
    update public.deadlines d set met_at = wall.instant(), version = d.version + 1
    where d.subject_id = action and d.owner_unit_id = wall.party() and d.met_at is null
      and (decided = 'stops' or d.code = 'decide_after_withdrawal');
end $$;
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        op.execute(f"create table {table} ({key}{columns}{OWNED.format(table)})")
    op.execute(INDEXES)
    for table in TABLES:
        if table != "crisis_notes":
            op.execute(f"call wall.protect('{table}', 'case_id', '''plan''')")
    # A circle of its own: only the authorities that are named, and the family (R7.12).
    op.execute("call wall.protect('crisis_notes', 'circle_id', '''core''')")
    op.execute("call wall.only_owner_changes('plan_actions', 'not old.own_effort')")
    for table in FINAL:
        op.execute(f"call wall.final_when('{table}', 'true')")
    op.execute(DECISION)


def downgrade() -> None:
    op.execute("drop function wall.decide_own_action")
    op.execute(f"drop table {', '.join(reversed(TABLES))}")

"""Places in contact groups, their reviews, who was there, and how it went.

All of it stands in the circle of the queue entry that the place came from. The family reads the place, its reviews and
the follow-ups; a school that sent the child reads none of it, only where the entry stands. What a child said is the
child's own until the child lets the guardians read it. Who was at a session is the group's unit's alone.

A seat that is to be free on a later day waits in ``place_endings``, which knows nobody: so the job that frees it needs
no sight of a child. Results of groups are read through ``wall.contact_group_results`` only, which never tells a small
count, whoever asks and however (R11.9).
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""
OF_PLACE = """
    place_id uuid not null constraint fk_{0}_place_id references group_places (id),
    entry_id uuid not null constraint fk_{0}_entry_id references queue_entries (id),"""

TABLES = {
    "group_places": """
    entry_id uuid not null constraint fk_group_places_entry_id references queue_entries (id),
    group_id uuid not null constraint fk_group_places_group_id references contact_groups (id),
    child_id uuid not null constraint fk_group_places_child_id references children (id),
    person_key uuid not null,
    from_on date not null,
    to_on date,
    goals text,
    decision_type text not null constraint ck_group_places_decision_type
        check (decision_type in ('individual_needs_assessment', 'without_needs_assessment')),
    decision_ref text,
    documentation_exempt boolean not null,
    status text not null constraint ck_group_places_status
        check (status in ('active', 'ending', 'ended', 'followed_up')),
    end_reason text,
    end_text text,
    end_decided_by uuid constraint fk_group_places_end_decided_by references users (id),
    end_decided_at timestamptz,
    next_review_on date,
    answered text[] not null,
    given_by uuid not null constraint fk_group_places_given_by references users (id),
    created_at timestamptz not null,
    version integer not null default 1,
    constraint ck_group_places_days check (to_on >= from_on),
    constraint ck_group_places_exempt
        check (not documentation_exempt or decision_type = 'without_needs_assessment'),
    constraint ck_group_places_ended check (
        num_nonnulls(to_on, end_reason, end_decided_by, end_decided_at) = case status when 'active' then 0 else 4 end
        and (next_review_on is not null) = (status = 'active')
    ),""",
    "place_reviews": f"""{OF_PLACE.format("place_reviews")}
    reviewed_on date not null,
    note text not null,
    outcome text not null constraint ck_place_reviews_outcome check (outcome in ('continues', 'ends')),
    next_review_on date not null,
    reviewed_by uuid not null constraint fk_place_reviews_reviewed_by references users (id),
    reviewed_at timestamptz not null,""",
    "session_attendances": f"""
    session_id uuid not null constraint fk_session_attendances_session_id references group_sessions (id),
    {OF_PLACE.format("session_attendances")}
    mark text constraint ck_session_attendances_mark check (mark in ('present', 'absent', 'excused')),
    recorded_by uuid not null constraint fk_session_attendances_recorded_by references users (id),
    recorded_at timestamptz not null,
    version integer not null default 1,""",
    "place_follow_ups": f"""{OF_PLACE.format("place_follow_ups")}
    respondent text not null constraint ck_place_follow_ups_respondent
        check (respondent in ('child', 'guardian', 'leader')),
    occasion text not null constraint ck_place_follow_ups_occasion check (occasion in ('yearly', 'after_end', 'extra')),
    asked_on date not null,
    scale smallint constraint ck_place_follow_ups_scale check (scale between 1 and 5),
    text text,
    not_interviewed_reason text,
    shared_with_guardians boolean not null default false,
    recorded_by uuid not null constraint fk_place_follow_ups_recorded_by references users (id),
    recorded_at timestamptz not null,
    version integer not null default 1,
    constraint ck_place_follow_ups_answer
        check ((not_interviewed_reason is null) = (scale is not null or text is not null)),""",
}

NEUTRAL = """
create table place_endings (
    claim_id uuid not null constraint pk_place_endings primary key
        constraint fk_place_endings_claim_id references place_claims (id),
    pool_id uuid not null constraint fk_place_endings_pool_id references place_pools (id),
    free_on date not null
);
create index ix_place_endings_pool_id_free_on on place_endings (pool_id, free_on);
create index ix_place_endings_free_on on place_endings (free_on);
grant select, insert, delete on place_endings to tillsammans_program;
"""

INDEXES = """
create unique index uq_group_places_entry_id on group_places (entry_id);
create index ix_group_places_owner_unit_id_id on group_places (owner_unit_id, id);
create index ix_group_places_group_id_id on group_places (group_id, id);
create index ix_group_places_child_id on group_places (child_id);
create index ix_place_reviews_place_id_id on place_reviews (place_id, id);
create index ix_place_reviews_entry_id on place_reviews (entry_id);
create unique index uq_session_attendances_session_id_place_id on session_attendances (session_id, place_id);
create index ix_session_attendances_place_id on session_attendances (place_id);
create index ix_session_attendances_entry_id on session_attendances (entry_id);
create index ix_place_follow_ups_place_id_id on place_follow_ups (place_id, id);
create index ix_place_follow_ups_entry_id on place_follow_ups (entry_id);
"""

WALL = """
call wall.protect('group_places', 'entry_id', '''family''');
call wall.protect('place_reviews', 'entry_id', '''family''');
call wall.final_when('place_reviews', 'true');
call wall.protect('session_attendances', 'entry_id', '''desk''');
call wall.protect('place_follow_ups', 'entry_id',
    'case when respondent = ''child'' and not shared_with_guardians then ''child'' else ''family'' end');
call wall.final_when('place_follow_ups', 'true');
"""

RESULTS = r"""
-- How it went, pooled over the groups of one municipality in one term, in children; each child counts once for each
-- respondent, with its latest answer. A number is told when it stands for at least ``smallest`` children (never fewer
-- than five) of at least two groups; what is not told cannot be worked out, because no number holds another.
create function wall.contact_group_results(municipality text, of_term text, smallest integer) returns jsonb
language sql stable security definer set search_path = '' as $$
    with pooled as (
        select id from public.contact_groups where municipality_code = municipality and term = of_term
    ),
    latest as (
        select distinct on (p.person_key, f.respondent)
            p.person_key, p.group_id, f.respondent, f.scale, f.not_interviewed_reason is null as answered
        from public.place_follow_ups f
        join public.group_places p on p.id = f.place_id
        join pooled on pooled.id = p.group_id
        order by p.person_key, f.respondent, (f.not_interviewed_reason is null) desc, f.asked_on desc, f.id desc
    ),
    cells as (
        select respondent, scale, count(*) as children
        from latest where answered and scale is not null group by respondent, scale
    ),
    spread as (
        select respondent, sum(children) as children, min(children) as fewest, count(*) as steps,
               jsonb_agg(jsonb_build_object('scale', scale, 'children', children) order by scale) as cells
        from cells group by respondent
    ),
    heard as (
        select kind.code as respondent, kind.place,
               count(*) filter (where l.answered) as answered,
               count(distinct l.group_id) filter (where l.answered) as answered_groups,
               count(*) filter (where not l.answered) as missing,
               count(distinct l.group_id) filter (where not l.answered) as missing_groups
        from (values ('child', 1), ('guardian', 2), ('leader', 3)) kind (code, place)
        left join latest l on l.respondent = kind.code
        group by kind.code, kind.place
    ),
    marked as (
        select count(distinct p.person_key) as children, count(distinct p.group_id) as groups,
               count(*) as marks, count(*) filter (where a.mark = 'present') as present
        from public.session_attendances a
        join public.group_places p on p.id = a.place_id
        join pooled on pooled.id = p.group_id
        where a.mark is not null
    ),
    bound as (select greatest(smallest, 5) as fewest)
    select jsonb_build_object(
        'smallest_count', b.fewest,
        'groups', (select count(*) from pooled),
        'present_percent', (
            select round(100.0 * m.present / m.marks)::integer from marked m
            where m.children >= b.fewest and m.groups >= 2
        ),
        'respondents', (
            select jsonb_agg(jsonb_build_object(
                'respondent', h.respondent,
                'answered', case when h.answered >= b.fewest and h.answered_groups >= 2 then h.answered end,
                'not_interviewed', case when h.missing >= b.fewest and h.missing_groups >= 2 then h.missing end,
                'steps', case
                    when h.answered_groups >= 2 and s.fewest >= b.fewest and s.steps >= 2
                         and (h.answered = s.children or h.answered - s.children >= b.fewest) then s.cells
                end
            ) order by h.place)
            from heard h left join spread s on s.respondent = h.respondent
        )
    ) from bound b
$$;
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        op.execute(f"create table {table} ({key}{columns}{OWNED.format(table)})")
    op.execute(NEUTRAL)
    op.execute(INDEXES)
    op.execute(WALL)
    op.execute(RESULTS)


def downgrade() -> None:
    op.execute("drop function wall.contact_group_results")
    op.execute("drop table place_endings, place_follow_ups, session_attendances, place_reviews, group_places")

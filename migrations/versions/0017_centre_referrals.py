"""Referrals (remisser, hänvisningar) to family centres: a circle of its own for each.

What a receiver needs to decide stands in ``family_centre_referrals`` (category core). Why, and how to reach the family,
stands in ``referral_details``: the receiver's SQL finds it from acceptance on, and the database itself opens and closes
it with the status. What became of it stands in ``referral_outcomes``, open to the sender only where it is shared.

Three deeds cannot be done from inside one circle, and have functions of their own, each bound to a referral and to what
it rests on: passing it on to another receiver within its consent, ending it with its consent, and letting the guardians
in when the child in person wants them to know.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OWNED = """
    owner_unit_id uuid not null constraint fk_{0}_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_{0}_owner_authority_id references authorities (id),
    municipality_code text"""

STATES = """'draft', 'sent', 'received', 'returned', 'accepted', 'declined', 'booked', 'started', 'no_show',
            'completed', 'withdrawn'"""

TABLES = {
    "family_centre_referrals": f"""
    status text not null constraint ck_family_centre_referrals_status check (status in ({STATES})),
    sender_kind text not null constraint ck_family_centre_referrals_sender_kind
        check (sender_kind in ('professional', 'guardian', 'young_person')),
    from_unit_id uuid constraint fk_family_centre_referrals_from_unit_id references units (id),
    centre_id uuid constraint fk_family_centre_referrals_centre_id references family_centres (id),
    part_id uuid constraint fk_family_centre_referrals_part_id references centre_parts (id),
    receiver_unit_id uuid not null constraint fk_family_centre_referrals_receiver_unit_id references units (id),
    redirected_from_unit_id uuid
        constraint fk_family_centre_referrals_redirected_from_unit_id references units (id),
    child_id uuid constraint fk_family_centre_referrals_child_id references children (id),
    child_given_name text,
    age_years smallint constraint ck_family_centre_referrals_age_years check (age_years >= 0),
    kind_of_need text not null,
    urgency text not null constraint ck_family_centre_referrals_urgency
        check (urgency in ('ordinary', 'soon', 'urgent')),
    consent_id uuid constraint fk_family_centre_referrals_consent_id references consents (id),
    consented_authority_ids uuid[] not null default '{{}}',
    open_until timestamptz,
    feedback_allowed boolean not null,
    private boolean not null,
    shielded boolean not null,
    requested_at timestamptz not null,
    sent_at timestamptz,
    acknowledge_due_at timestamptz,
    received_at timestamptz,
    accepted_at timestamptz,
    booked_for timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    created_by uuid not null constraint fk_family_centre_referrals_created_by references users (id),
    version integer not null default 1,
    constraint ck_family_centre_referrals_sender check ((from_unit_id is not null) = (sender_kind = 'professional')),
    constraint ck_family_centre_referrals_sent check (sent_at is not null or status in ('draft', 'withdrawn')),
    constraint ck_family_centre_referrals_consent check (
        sender_kind <> 'professional' or sent_at is null or num_nonnulls(consent_id, open_until, child_id) = 3),""",
    "referral_details": """
    referral_id uuid not null constraint fk_referral_details_referral_id references family_centre_referrals (id),
    reason text not null,
    wishes text,
    contact text,
    opened boolean not null default false,
    version integer not null default 1,""",
    "referral_outcomes": """
    referral_id uuid not null constraint fk_referral_outcomes_referral_id references family_centre_referrals (id),
    outcome text not null,
    text text,
    shared boolean not null,
    recorded_at timestamptz not null,
    recorded_by uuid not null constraint fk_referral_outcomes_recorded_by references users (id),""",
    "referral_steps": f"""
    referral_id uuid not null constraint fk_referral_steps_referral_id references family_centre_referrals (id),
    deed text not null,
    status text not null constraint ck_referral_steps_status check (status in ({STATES})),
    text text,
    capacity_answer text constraint ck_referral_steps_capacity_answer
        check (capacity_answer in ('has_room', 'full', 'full_with_waiting_list', 'must_assess_first')),
    unit_id uuid constraint fk_referral_steps_unit_id references units (id),
    to_unit_id uuid constraint fk_referral_steps_to_unit_id references units (id),
    taken_at timestamptz not null,
    taken_by uuid not null constraint fk_referral_steps_taken_by references users (id),""",
}

INDEXES = """
create index ix_family_centre_referrals_from_unit_id on family_centre_referrals (from_unit_id, id);
create index ix_family_centre_referrals_receiver_unit_id on family_centre_referrals (receiver_unit_id, id);
create index ix_family_centre_referrals_owner_unit_id on family_centre_referrals (owner_unit_id, id);
create index ix_family_centre_referrals_child_id on family_centre_referrals (child_id);
create index ix_family_centre_referrals_centre_id on family_centre_referrals (centre_id);
create index ix_family_centre_referrals_part_id on family_centre_referrals (part_id);
create index ix_family_centre_referrals_consent_id on family_centre_referrals (consent_id);
create unique index uq_referral_details_referral_id on referral_details (referral_id);
create index ix_referral_outcomes_referral_id on referral_outcomes (referral_id, id);
create index ix_referral_steps_referral_id on referral_steps (referral_id, id);
"""

WALL = r"""
call wall.protect('family_centre_referrals', 'id', '''core''');
call wall.protect_openly('referral_details', 'referral_id',
    'case when opened then array[''referral'', ''family''] else array[''family''] end');
call wall.protect('referral_outcomes', 'referral_id', 'case when shared then ''core'' else ''own'' end');
call wall.protect('referral_steps', 'referral_id', '''core''');
call wall.final_when('referral_outcomes', 'true');
call wall.final_when('referral_steps', 'true');

-- The reason opens to the receiver when it has taken the referral on, and closes when it goes elsewhere.
create function wall.open_referral_details() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    opens boolean := new.status in ('accepted', 'booked', 'started', 'no_show', 'completed');
begin
    update public.referral_details d set opened = opens, version = d.version + 1
    where d.referral_id = new.id and d.opened <> opens;
    return null;
end $$;
create trigger open_details after update on family_centre_referrals for each row
    when (old.status is distinct from new.status) execute function wall.open_referral_details();

-- The receiver passes on what a consent lets another authority have too; it cannot widen it, and leaves by itself.
create function wall.pass_on_referral(referral uuid, receiver uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
    to_authority uuid;
begin
    select u.authority_id into to_authority
    from public.units u
    join public.family_centre_referrals f on f.id = referral and f.receiver_unit_id = wall.party()
        and u.authority_id = any (f.consented_authority_ids)
    where u.id = receiver;
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    select g.circle_id, receiver, g.steward_id, g.categories, wall.instant(), g.valid_until, g.basis, g.basis_id
    from public.circle_grants g
    where g.circle_id = referral and g.party_id = wall.party() and g.basis = 'consent' and to_authority is not null
      and g.valid_from <= wall.instant() and g.valid_until > wall.instant()
    on conflict (circle_id, party_id, basis, basis_id) do update
        set categories = excluded.categories, valid_from = excluded.valid_from, valid_until = excluded.valid_until;
    if not found then
        raise insufficient_privilege using message = 'only its receiver passes a referral on, within its consent';
    end if;
    insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    values (gen_random_uuid(), referral, receiver, to_authority, 'member', wall.instant())
    on conflict (circle_id, party_id) where left_at is null do nothing;
end $$;

-- A child does not know what its guardians' access rests on; what it hands in may be open to them all the same, as the
-- law lets them into the child's own circle, and no longer than there.
create function wall.let_guardians_in(circle uuid, child uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
    steward uuid;
begin
    select o.party_id into steward
    from public.children c
    join public.circle_members m on m.circle_id = circle and m.party_id = c.person_key and m.standing = 'child'
        and m.left_at is null
    join public.circle_members o on o.circle_id = circle and o.standing = 'owner' and o.left_at is null
    where c.id = child and c.person_key = wall.party();
    if not found then
        raise insufficient_privilege using message = 'only the child in person lets its guardians in';
    end if;
    insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    select distinct on (g.party_id) gen_random_uuid(), circle, g.party_id, null::uuid, 'guardian', wall.instant()
    from public.circle_grants g
    where g.circle_id = child and g.basis = 'guardian' and g.valid_until > wall.instant()
    on conflict (circle_id, party_id) where left_at is null do nothing;
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    select circle, g.party_id, steward, g.categories, g.valid_from, g.valid_until, g.basis, g.basis_id
    from public.circle_grants g
    where g.circle_id = child and g.basis = 'guardian' and g.valid_until > wall.instant()
    on conflict (circle_id, party_id, basis, basis_id) do nothing;
end $$;

-- R4.6: what rests on a consent that is over is over, whoever of those who may said so; nobody hears what it was.
create function wall.end_referrals(consent uuid) returns table (referral_id uuid, controller_id uuid)
language plpgsql security definer set search_path = '' as $$
begin
    return query
        with ended as (
            update public.family_centre_referrals f set status = 'withdrawn', version = f.version + 1
            from public.consents c
            where c.id = consent and c.status in ('withdrawn', 'superseded', 'expired') and f.consent_id = c.id
              and f.status in ('sent', 'received', 'returned', 'accepted', 'booked', 'started', 'no_show')
            returning f.*
        ), told as (
            insert into public.referral_steps (id, referral_id, deed, status, taken_at, taken_by,
                owner_unit_id, owner_authority_id, municipality_code)
            select gen_random_uuid(), e.id, 'end', e.status, wall.instant(), wall.actor(),
                e.owner_unit_id, e.owner_authority_id, e.municipality_code
            from ended e
        ), met as (
            update public.deadlines d set met_at = wall.instant(), version = d.version + 1
            from ended e where d.subject_id = e.id and d.met_at is null
        )
        select e.id, e.owner_authority_id from ended e;
end $$;
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        key = f"id uuid not null constraint pk_{table} primary key,"
        op.execute(f"create table {table} ({key}{columns}{OWNED.format(table)})")
    op.execute(INDEXES)
    op.execute(WALL)


def downgrade() -> None:
    op.execute("drop table referral_steps, referral_outcomes, referral_details, family_centre_referrals")
    for function in ("end_referrals", "let_guardians_in", "pass_on_referral", "open_referral_details"):
        op.execute(f"drop function wall.{function}")

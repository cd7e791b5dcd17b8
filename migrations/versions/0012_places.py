"""Places and the line for them, and a circle that is handed in with the family around it.

A place (plats) and the line for it know nobody: a claim is an id, a time and a priority. Who stands behind a claim is
told by a table behind the wall that shares the id. So an offer can go to the next in line without whoever declined it,
or the job that lets it expire, ever seeing the next child.

That no pool is overbooked is the database's own doing: a claim that holds a place points at a seat, a seat exists only
as long as the pool has it, and a seat is held once.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PLACES = r"""
create table place_pools (
    id uuid not null constraint pk_place_pools primary key,
    offer_days smallint not null constraint ck_place_pools_offer_days check (offer_days between 1 and 90),
    automatic boolean not null,
    open boolean not null,
    version integer not null default 1
);
create table place_seats (
    pool_id uuid not null constraint fk_place_seats_pool_id references place_pools (id),
    number smallint not null constraint ck_place_seats_number check (number > 0),
    constraint pk_place_seats primary key (pool_id, number)
);
create table place_claims (
    id uuid not null constraint pk_place_claims primary key,
    pool_id uuid not null constraint fk_place_claims_pool_id references place_pools (id),
    holder uuid,
    status text not null constraint ck_place_claims_status check (status in (
        'held_back', 'waiting', 'offered', 'taken', 'declined', 'expired', 'withdrawn', 'left')),
    priority smallint not null constraint ck_place_claims_priority check (priority between 0 and 2),
    requested_at timestamptz not null,
    seat smallint,
    version integer not null default 1,
    constraint fk_place_claims_seat foreign key (pool_id, seat) references place_seats (pool_id, number),
    constraint ck_place_claims_seat check ((seat is not null) = (status in ('offered', 'taken')))
);
create unique index uq_place_claims_seat on place_claims (pool_id, seat) where seat is not null;
create unique index uq_place_claims_holder on place_claims (pool_id, holder)
    where status in ('held_back', 'waiting', 'offered', 'taken');
create index ix_place_claims_line on place_claims (pool_id, priority desc, requested_at, id) where status = 'waiting';
create table place_offers (
    id uuid not null constraint pk_place_offers primary key,
    pool_id uuid not null constraint fk_place_offers_pool_id references place_pools (id),
    claim_id uuid not null constraint fk_place_offers_claim_id references place_claims (id),
    rank smallint not null,
    made_at timestamptz not null,
    expires_at timestamptz not null,
    status text not null constraint ck_place_offers_status
        check (status in ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
    concluded_at timestamptz,
    version integer not null default 1,
    constraint ck_place_offers_concluded check ((concluded_at is null) = (status = 'open'))
);
create unique index uq_place_offers_open on place_offers (claim_id) where status = 'open';
create index ix_place_offers_claim_id_id on place_offers (claim_id, id);
create index ix_place_offers_expires_at on place_offers (expires_at) where status = 'open';
create table place_moves (
    id uuid not null constraint pk_place_moves primary key,
    pool_id uuid not null constraint fk_place_moves_pool_id references place_pools (id),
    claim_id uuid constraint fk_place_moves_claim_id references place_claims (id),
    move text not null,
    moved_at timestamptz not null,
    moved_by uuid constraint fk_place_moves_moved_by references users (id),
    seat smallint,
    rank smallint,
    waiting smallint
);
create index ix_place_moves_pool_id_id on place_moves (pool_id, id);
create index ix_place_moves_claim_id_id on place_moves (claim_id, id);

grant select, insert, update on place_pools, place_claims, place_offers to tillsammans_program;
grant select, insert, delete on place_seats to tillsammans_program;
grant select, insert on place_moves to tillsammans_program;
"""

HAND_IN = r"""
-- What is handed in about a child may have its family around it from the first moment: whoever opens a circle says who
-- stands in it. family: [{"party", "standing", "basis", "from", "until"}].
create function wall.hand_in_with(
    circle uuid, receiver uuid, receiver_authority uuid, as_standing text, family jsonb
) returns void
language plpgsql security definer set search_path = '' as $$
begin
    perform wall.hand_in(circle, receiver, receiver_authority, as_standing);
    insert into public.circle_members (id, circle_id, party_id, authority_id, standing, joined_at)
    select gen_random_uuid(), circle, (one ->> 'party')::uuid, null, one ->> 'standing', wall.instant()
    from jsonb_array_elements(family) one where one ->> 'standing' in ('guardian', 'child')
    on conflict (circle_id, party_id) where left_at is null do nothing;
    insert into public.circle_grants
        (circle_id, party_id, steward_id, categories, valid_from, valid_until, basis, basis_id)
    select circle, (one ->> 'party')::uuid, receiver,
           array['plan', 'meeting_notes', 'family', 'core']
               || case one ->> 'standing' when 'child' then array['child'] else '{}' end,
           (one ->> 'from')::timestamptz, (one ->> 'until')::timestamptz, one ->> 'standing', (one ->> 'basis')::uuid
    from jsonb_array_elements(family) one where one ->> 'standing' in ('guardian', 'child')
    on conflict (circle_id, party_id, basis, basis_id) do update
        set categories = excluded.categories, valid_from = excluded.valid_from, valid_until = excluded.valid_until;
end $$;
"""


def upgrade() -> None:
    op.execute(PLACES)
    op.execute(HAND_IN)


def downgrade() -> None:
    op.execute("drop function wall.hand_in_with")
    op.execute("drop table place_moves, place_offers, place_claims, place_seats, place_pools")

"""Who of the family moved something in a line stands behind the wall, not beside it.

``place_moves`` is open to whoever may know of a line, and remembers nobody of the family. Whose move it was is told by
``family_moves``, which shares its id: to the group's unit and to the family itself, never to whoever sent the entry.

And what a guardian has handed in about a child is theirs to follow until the child is of age (R2.9).
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLE = """
create table family_moves (
    id uuid not null constraint pk_family_moves primary key
        constraint fk_family_moves_id references place_moves (id),
    entry_id uuid not null constraint fk_family_moves_entry_id references queue_entries (id),
    moved_by uuid not null constraint fk_family_moves_moved_by references users (id),
    owner_unit_id uuid not null constraint fk_family_moves_owner_unit_id references units (id),
    owner_authority_id uuid not null constraint fk_family_moves_owner_authority_id references authorities (id),
    municipality_code text
);
create index ix_family_moves_entry_id_id on family_moves (entry_id, id);
"""

# Who is a person of the family is told by the sign-in: nobody has one as that and as a professional.
KEEP = """
insert into family_moves (id, entry_id, moved_by, owner_unit_id, owner_authority_id, municipality_code)
select m.id, e.id, m.moved_by, e.owner_unit_id, e.owner_authority_id, e.municipality_code
from place_moves m
join queue_entries e on e.id = m.claim_id
join users u on u.id = m.moved_by
where u.person_id is not null;
"""
FORGET = """
update place_moves m set moved_by = null from users u where u.id = m.moved_by and u.person_id is not null;
"""

WALL = """
call wall.protect('family_moves', 'entry_id', '''family''');
call wall.final_when('family_moves', 'true');
"""

# Written as ``majority`` of ``app/guardians/models.py`` counts it.
OF_AGE = """
update circle_grants g
set valid_until = (c.birth_date + interval '18 years')::date::timestamp at time zone 'Europe/Stockholm'
from (
    select id, child_id from queue_entries union all select id, child_id from coordination_requests
) handed_in
join children c on c.id = handed_in.child_id
where g.circle_id = handed_in.id and g.basis = 'guardian' and g.basis_id = g.circle_id and c.birth_date is not null;
"""


def upgrade() -> None:
    for step in (TABLE, KEEP, FORGET, WALL, OF_AGE):
        op.execute(step)


def downgrade() -> None:
    # What has an end keeps it.
    op.execute("update place_moves m set moved_by = f.moved_by from family_moves f where f.id = m.id")
    op.execute("drop table family_moves")

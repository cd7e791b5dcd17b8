"""What comes in and goes out about family accounts."""

from pydantic import Field

from app.kernel.shapes import Code, Id, In, Line, Linked
from app.permissions import Role


class AccountCreate(In):
    """What the identity provider calls the person. A professional has made sure that it is them."""

    subject: Code
    issuer: Line | None = Field(default=None, description="Null: any trusted issuer.")


class Account(Linked):
    """A sign-in that opens to the person what the circles open to them, and nothing else."""

    user_id: Id
    role: Role

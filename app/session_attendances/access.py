"""How a request obtains the attendance at a session: through the session."""

from typing import Annotated, Any

from app.group_sessions.access import session_row_for
from app.kernel.access import Visiting, asks, require_version
from app.kernel.db import Row
from app.permissions import Permission
from app.session_attendances import repository
from app.session_attendances.models import version_of


def session_marked_by(permission: Permission) -> Any:
    """A session whose attendance is marked, locked, at the version of the marks that the caller states."""

    async def load(visit: Visiting, session: Annotated[Row, session_row_for(permission)]) -> Row:
        await repository.lock(visit.tx, session["id"])
        require_version(visit, version_of(await repository.marks(visit.tx, session["id"])))
        return session

    return asks(permission, load)

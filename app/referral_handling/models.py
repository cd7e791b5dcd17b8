"""The rule of a redirection that no record carries."""

from app.kernel.errors import Problem
from app.kernel.errors import Text as Words


class OneReceiver(Problem):
    """A redirection has one receiver."""

    status = 422
    title = Words("Ange en mottagare", "Name one receiver")
    detail = Words(
        "Ange centreId, med eller utan partId, eller unitId.", "Give centreId, with or without partId, or unitId."
    )

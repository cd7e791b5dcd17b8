"""Sign-ins of the family. The table is the directory's ``users``; the rule that is theirs alone stands here."""

from app.kernel.errors import Conflict
from app.kernel.errors import Text as Words


class AccountOfSomebodyElse(Conflict):
    """One sign-in is one person, and never at once a professional's."""

    title = Words("Inloggningen tillhör någon annan", "The sign-in belongs to somebody else")
    detail = Words("Subjektet är redan knutet till en annan person.", "The subject is already tied to another person.")

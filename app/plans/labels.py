"""Code lists of plans that no rule asks about: they say where a plan came from and what lies beside it."""

from app.codes import Coded


class InitiatorKind(Coded):
    """Who took the initiative (initiativtagare); it obliges to nothing more (R7.6)."""

    FAMILY = "family", "Familjen", "The family"
    CHILD = "child", "Barnet", "The child"
    PROFESSIONAL = "professional", "En verksamhet", "A professional"


class OtherPlanKind(Coded):
    """Plans that are linked and never copied (R7.5)."""

    VARDPLAN = "vardplan", "Vårdplan", "Care plan (placed children)"
    GENOMFORANDEPLAN = "genomforandeplan", "Genomförandeplan", "Implementation plan"
    OTHER = "other", "Annan plan", "Other plan"

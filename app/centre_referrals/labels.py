"""Code lists of referrals that no rule of the models asks about."""

from app.codes import Coded


class ReferralNeed(Coded):
    """What kind of need, so that a receiver can decide without the reason."""

    PARENTING = "parenting", "Föräldraskap", "Parenting"
    CHILD_DEVELOPMENT = "child_development", "Barnets utveckling", "The child's development"
    SOCIAL_SUPPORT = "social_support", "Socialt stöd", "Social support"
    MENTAL_WELLBEING = "mental_wellbeing", "Psykiskt mående", "Mental wellbeing"
    HEALTH = "health", "Hälsa", "Health"
    SCHOOL = "school", "Skola", "School"
    OTHER = "other", "Annat", "Other"


class ReferralUrgency(Coded):
    """How soon."""

    ORDINARY = "ordinary", "I vanlig ordning", "In ordinary course"
    SOON = "soon", "Snart", "Soon"
    URGENT = "urgent", "Brådskande", "Urgent"


class ReferralResult(Coded):
    """What became of it."""

    SUPPORT_GIVEN = "support_given", "Stöd har getts", "Support was given"
    REFERRED_ON = "referred_on", "Hänvisad vidare", "Referred on"
    NO_NEED = "no_need", "Inget behov av stöd", "No need of support"
    DID_NOT_COME = "did_not_come", "Kom inte", "Did not come"
    OTHER = "other", "Annat", "Other"


class ReferralDirection(Coded):
    """Which of the referrals that the caller sees."""

    SENT = "sent", "Skickade härifrån", "Sent from here"
    RECEIVED = "received", "Mottagna", "Received"

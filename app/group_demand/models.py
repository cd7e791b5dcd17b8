"""The bands in which grades are told where children are counted. ``domain.md`` 12.11 (R11.9)."""

from app.codes import Coded


class GradeBand(Coded):
    """Grades in bands: a single grade of those who wait is never told (R11.9)."""

    F_3 = "f_3", "Förskoleklass–årskurs 3", "Preschool class to grade 3"
    G_4_6 = "4_6", "Årskurs 4–6", "Grades 4 to 6"
    G_7_9 = "7_9", "Årskurs 7–9", "Grades 7 to 9"

"""The rules of a template, without a database."""

from datetime import UTC, datetime

import pytest

from app.kernel.workflow import ImpossibleInThisState
from app.wheel_templates.models import (
    THE_EIGHT,
    NotTheEightDimensions,
    ScaleLabelsDoNotFit,
    TemplateIsPublished,
    WheelDimension,
    WheelScale,
    WheelTemplate,
    require_whole,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHOLE = {"scale": WheelScale.NONE, "scale_labels": [], "dimensions": [{"dimension": str(each)} for each in THE_EIGHT]}


def a_draft() -> WheelTemplate:
    template = WheelTemplate(status="draft")
    template.write(WHOLE)
    return template


@pytest.mark.rule("R6.1")
@pytest.mark.parametrize(
    "dimensions",
    [[], THE_EIGHT[:7], THE_EIGHT[::-1], [*THE_EIGHT, WheelDimension.HOPES], [THE_EIGHT[0], *THE_EIGHT[:7]]],
    ids=["none", "seven", "another order", "nine", "one twice"],
)
def test_a_wheel_has_its_eight_dimensions_in_their_order(dimensions: list[str]) -> None:
    with pytest.raises(NotTheEightDimensions):
        require_whole(dimensions, WheelScale.NONE, [])


@pytest.mark.rule("R6.2")
@pytest.mark.parametrize(
    ("scale", "labels"), [(WheelScale.NONE, 1), (WheelScale.FREQUENCY_4, 3), (WheelScale.ONE_TO_FIVE, 4)]
)
def test_each_step_of_the_scale_has_its_label(scale: WheelScale, labels: int) -> None:
    with pytest.raises(ScaleLabelsDoNotFit):
        require_whole(THE_EIGHT, scale, ["ord"] * labels)

    require_whole(THE_EIGHT, scale, ["ord"] * scale.steps)


def test_what_is_published_does_not_change() -> None:
    template = a_draft()
    template.publish(AT)

    with pytest.raises(TemplateIsPublished):
        template.write({"note": "Ändrad."})
    with pytest.raises(TemplateIsPublished):
        template.publish(AT)


def test_only_what_is_published_is_taken_out_of_use() -> None:
    with pytest.raises(ImpossibleInThisState):
        a_draft().retire()

"""Support offers as lines: a unit's own, by its manager, and as they stand in the catalogue."""

from typing import Any
from uuid import uuid4

import pytest

from app.demo.catalogue import GNESTA_OFFERS
from app.exchange.adapters import ADAPTERS
from app.exchange.deeds import FieldIsFixed
from app.exchange.lines import Key, RecordKind
from app.kernel.errors import Denied, NotFound
from app.kernel.http.door import Kernel
from app.support_offers.models import YouthClinicIsPrivate
from tests.exchange.steps import acting, as_json, change, create, exported

pytestmark = pytest.mark.database

MANAGER = "gnesta.socialmanager"
OFFER = RecordKind.SUPPORT_OFFER
SAID_OF_ITSELF = {"validFrom", "ageOf", "needs", "twoParties", "privateToPerson", "municipalityCode"}


def offer(**fields: Any) -> dict[str, Any]:
    """A line of an offer that Gnesta makes."""
    return {"sourceSystem": "web", "sourceId": uuid4().hex, **GNESTA_OFFERS[0].body, **fields}


async def line_of(kernel: Kernel, source_id: str) -> dict[str, Any]:
    (found,) = [entry for entry in await exported(kernel, MANAGER, OFFER) if entry.source_id == source_id]
    return as_json(found)


async def test_an_offer_comes_in_and_goes_out_as_the_same_line(kernel: Kernel) -> None:
    ended = offer(municipalityCode=None, validFrom="2020-01-01", validTo="2020-12-31", needs=[])
    for line in (offer(), ended, offer(kind="cooperation_talks")):
        made = await create(kernel, MANAGER, OFFER, **line)

        told = await line_of(kernel, line["sourceId"])

        assert {name: value for name, value in told.items() if name in line} == line
        assert set(told) - set(line) <= SAID_OF_ITSELF
        assert told["municipalityCode"] == (None if line is ended else "0461")
        assert not await change(kernel, MANAGER, OFFER, made, **line)
        assert not await change(kernel, MANAGER, OFFER, made, **told)
    county = [entry.source_id for entry in await exported(kernel, MANAGER, OFFER, municipality_code="0480")]
    assert county == [ended["sourceId"]]


async def test_what_a_line_says_otherwise_is_changed(kernel: Kernel) -> None:
    line = offer()
    made = await create(kernel, MANAGER, OFFER, **line)

    assert await change(kernel, MANAGER, OFFER, made, **line | {"maxSessions": 6, "isFree": None, "validFrom": None})

    told = await line_of(kernel, line["sourceId"])
    assert (told["maxSessions"], told.get("isFree")) == (6, None)
    with pytest.raises(FieldIsFixed) as refused:
        await change(kernel, MANAGER, OFFER, made, **line | {"identityRecording": "full"})
    assert refused.value.values == {"field": "identityRecording"}


async def test_two_authorities_may_call_their_offers_the_same(kernel: Kernel) -> None:
    line = offer()
    gnestas = await create(kernel, MANAGER, OFFER, **line)
    regions = await create(kernel, "region.youthmanager", OFFER, **line)
    key = Key("web", line["sourceId"])

    for who, made in ((MANAGER, {key: gnestas}), ("region.youthmanager", {key: regions}), ("vingaker.manager", {})):
        async with acting(kernel, who, write=False) as visit:
            assert await ADAPTERS[OFFER].find(visit, [key]) == made


async def test_the_rules_by_hand_hold_for_each_line(kernel: Kernel) -> None:
    made = await create(kernel, MANAGER, OFFER, **offer())

    with pytest.raises(YouthClinicIsPrivate):
        await create(kernel, MANAGER, OFFER, **offer(kind="youth_clinic", privateToPerson=False))
    with pytest.raises(Denied):
        await create(kernel, "gnesta.social", OFFER, **offer())
    with pytest.raises(Denied):
        await change(kernel, "gnesta.familymanager", OFFER, made, **offer())
    with pytest.raises(NotFound):
        await change(kernel, MANAGER, OFFER, uuid4(), **offer())
    with pytest.raises(Denied):
        await exported(kernel, "sys.admin", OFFER)

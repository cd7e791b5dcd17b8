"""What machines do in the demo: the school register tries a file, asks to be told, and a manager takes cases out."""

import json
from typing import Any, Final

from app.demo.play import Play

REGISTER: Final = "system.gnesta-school"
LINES: Final[list[dict[str, Any]]] = [
    {
        "recordKind": "child", "sourceSystem": "elevregister", "sourceId": "4711", "givenName": "Alma",
        "familyName": "Provsson", "birthDate": "2014-05-06", "municipalityCode": "0461",
    },
    {
        "recordKind": "case", "sourceSystem": "elevregister", "sourceId": "4711-1", "childSourceId": "4711",
        "entryRoute": "professional", "reasonText": "Hög frånvaro under hösten.",
    },
    {
        "recordKind": "case", "sourceSystem": "elevregister", "sourceId": "4712-1", "childSourceId": "4712",
        "entryRoute": "professional", "reasonText": "Barnet saknas i filen: raden ska falla.",
    },
]  # fmt: skip


async def school_register(play: Play) -> None:
    """A dry run leaves nothing but its report; whoever subscribes is told; what leaves has a reason."""
    play.at(2)
    play.say("Elevregistret i Gnesta provläser en fil / the school register tries a file")
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in LINES)
    await play.hand_in(REGISTER, "/imports?dryRun=true", content.encode())
    await play.work()

    play.say("… och ber att få veta vad som händer / … and asks to be told what happens")
    # A name that leads nowhere (RFC 2606): it shows how an address that does not answer is told of.
    subscription = await play.post(
        REGISTER, "/webhook-subscriptions", url="https://elevregister.gnesta.example/handelser", recordTypes=["case"],
        description="Elevregistret, ärenden",
    )  # fmt: skip
    await play.post(REGISTER, f"/webhook-subscriptions/{subscription['id']}/test")

    play.say("Rektorn tar ut skolans ärenden / the head teacher takes out the school's cases")
    await play.post(
        "gnesta.schoolmanager", "/exports", recordKind="case", format="csv_excel",
        reason="Genomgång av skolans öppna ärenden inför terminsslutet.",
    )  # fmt: skip

"""The demo world: nineteen children with a case, each a story, and the support that the sources describe."""

import asyncio
from typing import Final

from app.config import Settings
from app.demo import county, gnesta, machines, sandell, support, vingaker
from app.demo.play import stage
from app.kernel.clock import Clock

STORIES: Final = (
    support.family_centres, support.offers, vingaker.contact_groups, support.npf_teams,
    county.nils, county.oliver, sandell.ella, county.mira, sandell.tilde, county.saga, county.wilma, county.adam,
    gnesta.alva, gnesta.liam, gnesta.elias, gnesta.tuva, sandell.otto, gnesta.milo, gnesta.vera, gnesta.yusuf,
    gnesta.unborn, gnesta.hugo, sandell.noah, machines.school_register,
)  # fmt: skip


def load_cases(settings: Settings, program_url: str, clock: Clock) -> None:
    """Let the stories happen, counted back from the day of the clock."""

    async def play_all() -> None:
        async with stage(settings, program_url, clock) as play:
            for story in STORIES:
                await story(play)

    asyncio.run(play_all())

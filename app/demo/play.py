"""Playing the demo world through the front door: every deed is a request of the API, by whom and when it was done.

So nothing stands in the demo data that a client could not have done, and the access log tells all of it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from app.config import Settings
from app.dev_idp.issuer import DevIssuer
from app.kernel.calendar import is_working_day
from app.kernel.clock import Clock, FixedClock, start_of_day, stockholm_date

Body = dict[str, Any]
#: Whoever listens to a story hears its chapters and its requests, a line each.
Tell = Callable[[str], None]


class Play:
    """The stage: a clock that the stories move, and whoever they let act.

    Days are counted back from the day of loading, and moved back to a working day: the same day, the same story.
    """

    def __init__(
        self, client: httpx.AsyncClient, issuer: DevIssuer, clock: FixedClock, today: date, tell: Tell | None = None,
        *, job: Callable[[], Awaitable[None]] | None = None, work: Callable[[], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        self.today = today
        self._job, self._work = job, work
        self.ago = 0
        self._tell = tell or (lambda _line: None)
        self._client = client
        self._issuer = issuer
        self._clock = clock

    def day(self, ago: int) -> date:
        """The working day that many days ago, or the nearest one before it."""
        day = self.today - timedelta(days=ago)
        while not is_working_day(day):
            day -= timedelta(days=1)
        return day

    def at(self, ago: int, hour: int = 9) -> None:
        """Move the clock to an hour of the day that many days ago."""
        self.ago = ago
        self._clock.set(start_of_day(self.day(ago)) + timedelta(hours=hour))

    def after(self, step: timedelta) -> None:
        """Let time pass from where the clock stands."""
        self._clock.advance(step)

    def say(self, chapter: str) -> None:
        """Head what comes next, for whoever listens."""
        self._tell(f"{self.today_there}  {chapter}")

    @property
    def now(self) -> datetime:
        """The instant that the clock shows."""
        return self._clock.now()

    @property
    def today_there(self) -> date:
        """The date that the clock shows."""
        return self._clock.today()

    def ahead(self, days: int) -> date:
        """The day that many days after loading."""
        return self.today + timedelta(days=days)

    def until(self, ahead: int) -> str:
        """The instant at which the day that many days ahead of loading begins."""
        return start_of_day(self.ahead(ahead)).isoformat()

    async def pass_on(self) -> None:
        """The job that offers a place to the next in line has its turn: on this stage nothing runs by itself."""
        if self._job is not None:
            await self._job()

    async def work(self) -> None:
        """The job that imports files has its turn."""
        if self._work is not None:
            await self._work()

    async def hand_in(self, who: str, path: str, content: bytes) -> Body:
        """Send lines of JSON as somebody; the answer's body."""
        return await self._ask("POST", who, path, content=content, headers={"content-type": "application/x-ndjson"})

    async def post(self, who: str, path: str, **body: Any) -> Body:
        """Post as somebody; the answer's body. A problem ends the play as ``RuntimeError``."""
        return await self._ask("POST", who, path, json=body)

    async def get(self, who: str, path: str, **query: str) -> Body:
        """Read as somebody; the answer's body."""
        return await self._ask("GET", who, path, params=query)

    async def change(self, who: str, path: str, **body: Any) -> Body:
        """Change a record as somebody: read it for its version, then merge the fields."""
        seen = await self._answer("GET", who, path)
        return await self._ask("PATCH", who, path, json=body, headers={"if-match": seen.headers["etag"]})

    async def put(self, who: str, path: str, **body: Any) -> Body:
        """Write something as a whole, as somebody: read it for its version first."""
        seen = await self._answer("GET", who, path)
        return await self._ask("PUT", who, path, json=body, headers={"if-match": seen.headers["etag"]})

    async def attempt(self, method: str, who: str, path: str, **body: Any) -> httpx.Response:
        """What somebody is answered, also when it is no."""
        return await self._send(method, who, path, json=body) if body else await self._send(method, who, path)

    async def _ask(self, method: str, who: str, path: str, **options: Any) -> Body:
        found: Body = (await self._answer(method, who, path, **options)).json()
        return found

    async def _answer(self, method: str, who: str, path: str, **options: Any) -> httpx.Response:
        answer = await self._send(method, who, path, **options)
        if answer.is_error:
            raise RuntimeError(f"the demo story cannot go on: {who}: {method} {path}: {answer.text}")
        return answer

    async def _send(
        self, method: str, who: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        self._clock.advance(timedelta(minutes=2))
        signed = {"authorization": f"Bearer {self._issuer.access_token(who)}", **(headers or {})}
        answer = await self._client.request(method, path, headers=signed, **options)
        self._tell(f"    {who:<20} {method:<5} {path}  {answer.status_code}")
        return answer


@asynccontextmanager
async def stage(settings: Settings, program_url: str, clock: Clock, tell: Tell | None = None) -> AsyncIterator[Play]:
    """The program without a socket and without its jobs, its clock in the hands of the play."""
    from app.jobs import go_on_with_imports, pass_on_expired_offers
    from app.main import create_app

    now: datetime = clock.now()
    moved = FixedClock(now)
    alone = settings.model_copy(update={"database_pool_size": 2})
    program = create_app(alone, program_url=program_url, clock=moved)
    database = program.state.kernel.database
    transport = httpx.ASGITransport(program)
    await database.open()
    try:
        async with httpx.AsyncClient(transport=transport, base_url=settings.api_url) as client:
            issuer = DevIssuer.load(settings, moved.now)
            kernel = program.state.kernel
            yield Play(
                client, issuer, moved, stockholm_date(now), tell,
                job=partial(pass_on_expired_offers, kernel), work=partial(go_on_with_imports, kernel),
            )  # fmt: skip
    finally:
        await database.close()

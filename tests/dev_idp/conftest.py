from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dev_idp.steps import Idp


@pytest.fixture
async def idp(tmp_path: Path) -> AsyncIterator[Idp]:
    idp = Idp(tmp_path)
    async with idp.http:
        yield idp

"""The pages in a real browser with no network but this program: headless Chromium, where it is installed."""

import socket
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import uvicorn

from app.config import API_PATH, Settings
from app.database import DatabaseAddresses
from app.main import create_app
from app.pictures.history import Voice, draw_history
from app.pictures.wheel import draw_wheel
from tests.contract import knowing_it
from tests.house.chromium import PROGRAM, Chromium, chromium
from tests.pictures.steps import FREQUENCIES, a_history, a_moment, a_wheel, eight

PNG = b"\x89PNG\r\n\x1a\n"

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed here, so no page was rendered")


@pytest.fixture(scope="module")
def address(settings: Settings, addresses: DatabaseAddresses) -> Iterator[str]:
    """The program behind a real server on a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        program = create_app(settings.model_copy(update={"public_url": url}), program_url=addresses.program)
        root = knowing_it(program, "me", "cases")  # a browser draws three hundred and fifty operations slowly
        server = uvicorn.Server(uvicorn.Config(root, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield url
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all that is looked at."""
    with chromium(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


def shown(selector: str) -> str:
    """There is such an element in the page."""
    return f"document.querySelector('{selector}') !== null"


@pytest.mark.parametrize(
    ("path", "until", "says"),
    [
        (f"{API_PATH}/docs", shown("#operations-tag-me"), "Tillsammans"),
        ("/", shown("main"), "together around a child"),
    ],
)
def test_a_page_renders_without_internet(address: str, browser: Chromium, path: str, until: str, says: str) -> None:
    assert says in browser.open(address + path, until)
    seen = browser.picture()
    assert seen.startswith(PNG)
    assert len(seen) > 50_000, "an empty page makes a small picture"


def test_the_reference_page_finds_its_script_without_internet(address: str, browser: Chromium) -> None:
    """Not until it has drawn: three hundred operations on one page take it long."""
    assert "openapi.json" in browser.open(f"{address}{API_PATH}/redoc", "typeof Redoc !== 'undefined'")


#: Asks the browser itself, with its own fonts, which written lines leave the picture.
MEASURE = """<!doctype html><meta charset="utf-8"><body>{svg}<script>
const picture = document.querySelector("svg"), sheet = picture.viewBox.baseVal;
const outside = [...picture.querySelectorAll("text")].filter(line => {{
  const box = line.getBBox();
  return box.x < sheet.x - 1 || box.x + box.width > sheet.x + sheet.width + 1 || box.y + box.height > sheet.height + 1;
}});
document.body.dataset.outside = outside.map(line => line.textContent).join("|");
document.body.dataset.lines = picture.querySelectorAll("text").length;
</script></body>"""
SAID = "Vågar inte gå in sist i klassrummet, men gör det gärna tillsammans med Ebba och hennes storasyster"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_wheel_and_its_history_fit_the_sheet(browser: Chromium, tmp_path: Path, language: str) -> None:
    full = eight(strengths=(SAID, "Trygg hos mormor"), challenges=(SAID,), own_words=SAID, step=2)
    moments = [a_moment(full), a_moment(full, date(2026, 9, 14), "v2")]
    history = a_history(Voice("Barnet", moments), Voice("Vårdnadshavare", moments[:1]), scale=FREQUENCIES)
    pictures = {
        "wheel": draw_wheel(a_wheel(full, scale=FREQUENCIES, setting=SAID), language),
        "history": draw_history(history, language),
    }
    for name, svg in pictures.items():
        page = tmp_path / f"{name}.html"
        page.write_text(MEASURE.format(svg=svg), "utf-8")
        browser.open(page.as_uri(), shown("body[data-lines]"))
        assert browser.ask("document.body.dataset.outside") == ""
        assert int(browser.ask("document.body.dataset.lines")) > 30
        drawn = tmp_path / f"{name}.svg"
        drawn.write_text(svg, "utf-8")
        browser.open(drawn.as_uri(), shown("svg"))
        assert len(browser.picture()) > 20_000, "an empty sheet makes a small picture"

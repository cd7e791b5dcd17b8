"""A page of another origin in a real browser: it signs in, calls the API through CORS, and draws a wheel."""

from collections.abc import Callable, Iterator

import pytest

from tests.consumers.conftest import Page, Program, Provider
from tests.house.chromium import PROGRAM, Chromium, chromium

pytestmark = [
    pytest.mark.consumers,
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed here, so no page signed in"),
]

READY = "document.body?.dataset.state === 'ready'"


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser that nobody has signed in with."""
    with chromium(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def site(page: Page, program: Program, provider: Provider) -> Page:
    """The page, told where the API is and where to sign in."""
    page.settings = {
        "api": program.api,
        "providers": [
            {"name": "dev-idp", "issuer": program.own_issuer, "clientId": "browser-example"},
            {"name": "outside", "issuer": provider.issuer, "clientId": "browser-example"},
        ],
    }
    return page


def at_our_own(browser: Chromium) -> None:
    browser.wait("document.querySelector('a[href$=\"subject=gnesta.school\"]')")
    browser.ask("document.querySelector('a[href$=\"subject=gnesta.school\"]').click()")


def at_the_outside_one(browser: Chromium) -> None:
    browser.wait("document.querySelector('input[name=login]')")
    browser.ask("document.querySelector('input[name=login]').value = 'gnesta.school'")
    browser.ask("document.querySelector('input[name=password]').value = 'anything'")
    browser.ask("document.querySelector('button[type=submit]').click()")
    browser.wait("document.querySelector('input[name=prompt][value=consent]')")
    browser.ask("document.querySelector('button[type=submit]').click()")


@pytest.mark.parametrize(("button", "sign_in"), [("dev-idp", at_our_own), ("outside", at_the_outside_one)])
def test_a_page_of_another_origin_signs_in_and_works(
    browser: Chromium, site: Page, button: str, sign_in: Callable[[Chromium], None]
) -> None:
    browser.open(site.origin, READY)
    browser.ask(f"document.getElementById('{button}').click()")
    sign_in(browser)
    browser.wait(f"location.origin === '{site.origin}' && {READY}")

    def text(selector: str) -> str:
        return str(browser.ask(f"document.querySelector({selector!r})?.textContent"))

    assert text("#problem") == ""
    assert text("#who") == "Sara Ekdahl, practitioner, Grundskolan i Gnesta"
    assert browser.ask("location.search") == "", "the code stays in no address"
    assert text("#etag").startswith('"'), "ETag can be read"
    assert text("#unchanged") == "304"
    assert 'rel="next"' in text("#link"), "Link can be read"
    assert browser.ask("document.getElementById('wheel').naturalWidth") > 300, "the picture is drawn"
    assert len(browser.picture()) > 50_000

    browser.ask("document.getElementById('more').click()")
    browser.wait("document.querySelectorAll('article').length > 2")
    browser.ask("[...document.querySelectorAll('article button')].find(each => each.textContent === 'edit').click()")
    browser.wait("document.getElementById('corrected')")
    assert " became " in text("#corrected"), "a change passes the preflight"

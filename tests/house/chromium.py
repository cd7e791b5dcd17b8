"""One headless Chromium for all pages, driven over its own protocol (Chrome DevTools Protocol).

A page is looked at as soon as it shows what is waited for: no virtual time, and no start for each picture.
"""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS_UNTIL_GIVEN_UP = 120.0


class Chromium:
    """A browser with one page."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._number = socket, 0
        page = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]

    def open(self, url: str, until: str) -> str:
        """Go to a page and wait until a JavaScript expression holds in it; the page as HTML."""
        self._call("Page.navigate", url=url)
        self.wait(f"location.href.startsWith({json.dumps(url)}) && ({until})")
        page: str = self.ask("document.documentElement.outerHTML")
        return page

    def ask(self, expression: str) -> Any:
        """What a JavaScript expression gives in the page."""
        return self._call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def picture(self) -> bytes:
        """The page as it looks, PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def wait(self, expression: str) -> None:
        """Wait until a JavaScript expression holds in the page."""
        given_up = time.monotonic() + SECONDS_UNTIL_GIVEN_UP
        poll = f"new Promise(done => setTimeout(() => done(!!({expression})), 50))"
        while time.monotonic() < given_up:
            if self._call("Runtime.evaluate", expression=poll, awaitPromise=True)["result"].get("value"):
                return
        raise AssertionError(f"the page never came to: {expression}")

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol and its answer; events that arrive between are passed by."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if hasattr(self, "_session"):
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            heard = json.loads(self._socket.recv(timeout=SECONDS_UNTIL_GIVEN_UP))
            if heard.get("id") != self._number:
                continue
            if "error" in heard:
                # A page that is just leaving has no place to evaluate in; whoever waits asks again.
                return {"result": {}}
            answer: dict[str, Any] = heard["result"]
            return answer


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """A browser that reaches no network but this machine, until the block ends."""
    assert PROGRAM is not None
    process = subprocess.Popen(
        [
            PROGRAM,
            "--headless",
            "--disable-gpu",
            "--hide-scrollbars",
            "--remote-debugging-port=0",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            "--window-size=1200,1600",
            f"--user-data-dir={profile}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        # "DevTools listening on ws://127.0.0.1:…": the browser says where it can be driven.
        said = next(line for line in process.stderr if line.startswith("DevTools listening on "))
        with connect(said.split()[-1], max_size=None) as socket:
            yield Chromium(socket)
    finally:
        process.kill()
        process.communicate()

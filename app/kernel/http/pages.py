"""Pages for people: one look, no foreign address, and a content security policy that lets nothing else in."""

import secrets
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

_SHARED = Path(__file__).parent / "templates"


class Pages:
    """The pages of one package; their templates extend ``base.html``."""

    def __init__(self, folder: Path) -> None:
        self._templates = Environment(loader=FileSystemLoader([folder, _SHARED]), autoescape=True)

    def page(self, name: str, nonce: str | None = None, **values: object) -> HTMLResponse:
        """The page, with a nonce for its own style and script."""
        nonce = nonce or secrets.token_urlsafe(16)
        html = self._templates.get_template(name).render(nonce=nonce, **values)
        return HTMLResponse(html, headers={"content-security-policy": policy(nonce)})


def policy(nonce: str, **more: str) -> str:
    """The content security policy of a page whose styles and scripts carry the nonce; ``more`` replaces rules."""
    rules = {
        "default-src": "'none'",
        "style-src": f"'nonce-{nonce}'",
        "script-src": f"'nonce-{nonce}'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    for name, sources in more.items():
        rules[name.replace("_", "-")] = sources
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())

"""What is answered as a file and not as JSON: pictures, papers, calendars. Documented like every other answer."""

from typing import Any

from fastapi import Response

_WHAT = {"format": "binary", "type": "string"}


class File(Response):
    """A file of one media type; an endpoint names it as its ``response_class``."""

    @classmethod
    def documented(cls, description: str) -> dict[int | str, dict[str, Any]]:
        """The ``responses`` of an operation that answers with this kind of file."""
        return {200: {"description": description, "content": {str(cls.media_type): {"schema": _WHAT}}}}


class Svg(File):
    """A picture that reads aloud and scales (SVG 1.1 with title and desc)."""

    media_type = "image/svg+xml"

    def __init__(self, content: Any = None, status_code: int = 200, **options: Any) -> None:
        super().__init__(content, status_code, **options)
        # Its own style attributes, and nothing from anywhere.
        self.headers["content-security-policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        )


class Pdf(File):
    """A paper (tagged PDF/UA)."""

    media_type = "application/pdf"


class Calendar(File):
    """A calendar file (iCalendar, RFC 5545)."""

    media_type = "text/calendar"

"""What stands beside the API: the root page, the documentation pages, health and metrics, and the demo sign-in."""

from app.beside.documentation import add_documentation
from app.beside.issuer import dev_issuer
from app.beside.root import add_pages

__all__ = ["add_documentation", "add_pages", "dev_issuer"]

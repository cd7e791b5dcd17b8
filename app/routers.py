"""Every package's routers, in the order in which the documentation shows them."""

from app.about.router import routers as about
from app.kernel.http.door import Router
from app.organisations.router import routers as organisations

ROUTERS: tuple[Router, ...] = (*about, *organisations)

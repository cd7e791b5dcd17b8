"""Every package's routers, in the order in which the documentation shows them."""

from fastapi import APIRouter

from app.about.router import routers as about
from app.organisations.router import routers as organisations

ROUTERS: tuple[APIRouter, ...] = (*about, *organisations)

"""Every package's routers, in the order in which the documentation shows them."""

from fastapi import APIRouter

from app.about.router import routers as about
from app.cases.router import routers as cases
from app.chronology.router import routers as chronology
from app.consent_requirements.router import routers as consent_requirements
from app.consents.router import routers as consents
from app.cooperation.router import routers as cooperation
from app.disclosures.router import routers as disclosures
from app.family_accounts.router import routers as family_accounts
from app.guardians.router import routers as guardians
from app.my_day.router import routers as my_day
from app.organisations.router import routers as organisations
from app.people.router import routers as people
from app.siblings.router import routers as siblings

ROUTERS: tuple[APIRouter, ...] = (
    *about,
    *organisations,
    *people,
    *guardians,
    *siblings,
    *family_accounts,
    *consent_requirements,
    *consents,
    *disclosures,
    *cases,
    *cooperation,
    *chronology,
    *my_day,
)

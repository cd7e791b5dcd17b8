"""Every package's routers, in the order in which the documentation shows them."""

from fastapi import APIRouter

from app.about.router import routers as about
from app.absences.router import routers as absences
from app.activities.router import routers as activities
from app.activity_registrations.router import routers as activity_registrations
from app.case_openings.router import routers as case_openings
from app.cases.router import routers as cases
from app.centre_referrals.router import routers as centre_referrals
from app.centre_visits.router import routers as centre_visits
from app.chronology.router import routers as chronology
from app.consent_requirements.router import routers as consent_requirements
from app.consents.router import routers as consents
from app.contact_groups.router import routers as contact_groups
from app.cooperation.router import routers as cooperation
from app.coordination.router import routers as coordination
from app.coordinators.router import routers as coordinators
from app.crisis_notes.router import routers as crisis_notes
from app.desks.router import routers as desks
from app.disclosures.router import routers as disclosures
from app.events.router import routers as events
from app.exports.router import routers as exports
from app.family_accounts.router import routers as family_accounts
from app.family_centres.router import routers as family_centres
from app.group_demand.router import routers as group_demand
from app.group_follow_ups.router import routers as group_follow_ups
from app.group_places.router import routers as group_places
from app.group_queues.router import routers as group_queues
from app.group_sessions.router import routers as group_sessions
from app.guardians.router import routers as guardians
from app.imports.router import routers as imports
from app.meeting_invitations.router import routers as meeting_invitations
from app.meetings.router import routers as meetings
from app.my_day.router import routers as my_day
from app.newcomers.router import routers as newcomers
from app.npf_advice.router import routers as npf_advice
from app.npf_matters.router import routers as npf_matters
from app.npf_teams.router import routers as npf_teams
from app.organisations.router import routers as organisations
from app.people.router import routers as people
from app.place_reviews.router import routers as place_reviews
from app.plan_actions.router import routers as plan_actions
from app.plan_activations.router import routers as plan_activations
from app.plan_agreements.router import routers as plan_agreements
from app.plan_contents.router import routers as plan_contents
from app.plan_deliveries.router import routers as plan_deliveries
from app.plan_documents.router import routers as plan_documents
from app.plan_follow_ups.router import routers as plan_follow_ups
from app.plan_upgrades.router import routers as plan_upgrades
from app.plan_versions.router import routers as plan_versions
from app.plans.router import routers as plans
from app.queue_offers.router import routers as queue_offers
from app.queue_wishes.router import routers as queue_wishes
from app.referral_handling.router import routers as referral_handling
from app.session_attendances.router import routers as session_attendances
from app.siblings.router import routers as siblings
from app.support_offers.router import routers as support_offers
from app.support_uses.router import routers as support_uses
from app.webhooks.router import routers as webhooks
from app.wellbeing.router import routers as wellbeing
from app.wheel_templates.router import routers as wheel_templates

ROUTERS: tuple[APIRouter, ...] = (
    *about,
    *organisations,
    *desks,
    *people,
    *newcomers,
    *guardians,
    *siblings,
    *family_accounts,
    *consent_requirements,
    *consents,
    *disclosures,
    *cases,
    *case_openings,
    *cooperation,
    *coordinators,
    *absences,
    *coordination,
    *chronology,
    *wheel_templates,
    *wellbeing,
    *meetings,
    *meeting_invitations,
    *plans,
    *plan_upgrades,
    *plan_contents,
    *plan_actions,
    *plan_agreements,
    *plan_activations,
    *plan_versions,
    *plan_deliveries,
    *plan_documents,
    *plan_follow_ups,
    *crisis_notes,
    *contact_groups,
    *group_sessions,
    *group_queues,
    *queue_wishes,
    *queue_offers,
    *group_places,
    *place_reviews,
    *session_attendances,
    *group_follow_ups,
    *group_demand,
    *family_centres,
    *centre_visits,
    *centre_referrals,
    *referral_handling,
    *support_offers,
    *support_uses,
    *activities,
    *activity_registrations,
    *npf_teams,
    *npf_matters,
    *npf_advice,
    *my_day,
    *imports,
    *exports,
    *events,
    *webhooks,
)

"""Settings, read once from the environment (prefix ``TILLSAMMANS_``).

Development needs none of them. Production fails at once, with every missing name in one message.
"""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

API_PATH = "/tillsammans/v1"
DEV_ISSUER_PATH = "/dev-idp"
DEVELOPMENT_SECRET = "development-only-secret-never-in-production"  # noqa: S105 - refused in production


class Settings(BaseSettings):
    """Everything that differs between one installation and another."""

    model_config = SettingsConfigDict(env_prefix="TILLSAMMANS_", env_file=".env", extra="ignore")

    environment: Literal["development", "production"] = "development"
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        description="Where clients reach the program: links, problem types and the development issuer start here.",
    )
    data_dir: Path = Field(default=Path(".tillsammans"), description="Embedded database and development signing keys.")
    secret: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_SECRET),
        description="Root secret: seals the access log, signs database contexts and cursors. At least 32 characters.",
    )

    database_url: str | None = Field(
        default=None, description="PostgreSQL 15 or newer. Unset: the embedded server in data_dir."
    )
    owner_database_url: str | None = Field(
        default=None, description="The same database as its owner, for `tillsammans migrate`. Defaults to database_url."
    )
    database_pool_size: int = Field(default=12, ge=2, le=200)
    database_pool_idle: int = Field(default=4, ge=1, description="Connections that stay open when little goes on.")
    database_idle_seconds: float = Field(default=600.0, gt=0, description="After this long the others are closed.")
    database_timeout_seconds: float = Field(default=5.0, gt=0, description="How long a request waits for a connection.")
    database_prepared_statements: bool = Field(
        default=True, description="Off behind a PgBouncer older than 1.21 in transaction mode."
    )
    statement_timeout_seconds: float = Field(default=15.0, gt=0)

    trusted_issuers: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="Issuers (https addresses, comma separated) whose access tokens are accepted."
    )
    audience: str = Field(default="https://tillsammans.example/api", description="The `aud` that tokens must name.")
    token_algorithms: Annotated[list[str], NoDecode] = Field(default=["RS256", "ES256"])
    token_types: Annotated[list[str], NoDecode] = Field(default=["at+jwt", "application/at+jwt"])
    token_max_lifetime_seconds: int = Field(default=3600, ge=60)
    claim_subject: str = Field(default="sub", description="The claim that holds the user's subject id.")
    claim_client: str = Field(default="client_id", description="The claim that names the calling client.")
    claim_scope: str = Field(default="scope")

    cors_origins: Annotated[list[str], NoDecode] = Field(default_factory=list)
    body_limit_bytes: int = Field(default=1_000_000, ge=1_000)
    rate_limit: str = Field(default="1200/minute", description="Per caller; notation of the `limits` library.")
    rate_limit_per_address: str = Field(
        default="6000/minute",
        description="Of everybody behind one address together, whatever tokens they show. Behind a reverse proxy that "
        "address is the proxy's, unless FORWARDED_ALLOW_IPS names it (loopback: always) and it sets X-Forwarded-For. "
        "Raise it where a whole organisation comes from one address.",
    )
    rate_limit_storage: str = Field(
        default="async+memory://", description="`async+redis://…` when there are many processes."
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer for /metrics from elsewhere than loopback."
    )
    log_seal_interval_seconds: float = Field(default=2.0, gt=0)
    idempotency_keep_hours: int = Field(default=24, ge=24)

    # Practice, not law: see domain.md section 14. Every one is marked unverified where it is shown.
    consent_max_months: int = Field(default=12, ge=1, description="R4: longest validity of a consent (practice).")
    own_consent_age: int = Field(default=15, description="R4.2: the child's own consent (practice, not statute).")
    advisory_consent_age: int = Field(default=12, description="R4.2: the child is asked (practice).")
    disclosure_max_days: int = Field(default=30, description="R10: longest read scope of an emergency disclosure.")
    reopen_months: int = Field(default=6, description="12.3: a closed case may be reopened this long.")
    desk_acknowledge_days: int = Field(default=2, description="12.5: working days until a request is triaged.")
    desk_contact_days: int = Field(default=5, description="12.5: working days until the first contact.")
    coordinator_accept_days: int = Field(default=5, description="12.5: working days until a coordinator has accepted.")
    coordinator_silence_days: int = Field(
        default=14, description="R5.6: days without a sign before the deputy answers."
    )
    concern_report_url: str = Field(
        default="https://www.socialstyrelsen.se/orosanmalan",
        description="R5.8: where a report of concern is made; each municipality has its own address (unverified).",
    )
    plan_start_warn_days: int = Field(default=3, description="12.7: days until a needed plan is started.")
    plan_start_alarm_days: int = Field(default=7, description="12.7: days after which a start is late.")
    plan_meeting_days: int = Field(default=21, description="12.7: days from consent to meeting (Ekerö).")
    plan_copies_days: int = Field(default=5, description="12.7: working days until everybody has a copy.")
    follow_up_months: int = Field(default=3, description="12.7: months to the first follow-up.")
    follow_up_max_months: int = Field(default=6, description="12.7: the longest time to a follow-up.")
    discharge_call_days: int = Field(default=3, description="R7.15: days from a discharge notice to the call (LSP 4).")
    school_may_initiate_sip: bool = Field(
        default=True, description="R7.14: the local agreement lets school start a SIP."
    )
    sip_kva_code: str | None = Field(default=None, description="3.7: KVÅ code of a SIP; not verified, so none.")
    contact_group_capacity: int = Field(default=8, ge=1, description="12.11: places of a contact group (Vingåker).")
    contact_group_leaders: int = Field(default=2, ge=1, description="12.11: leaders of a group at a time (Vingåker).")
    contact_group_grade_min: int = Field(default=3, description="12.11: lowest grade (Vingåker).")
    contact_group_grade_max: int = Field(default=7, description="12.11: highest grade (Vingåker).")
    place_offer_days: int = Field(default=10, ge=1, le=90, description="R11.5: days that an offered place waits.")
    group_follow_up_months: int = Field(default=12, description="R11.7: months between follow-ups of a place (NUSO).")
    group_follow_up_after_end_days: int = Field(default=90, description="R11.7: days to the follow-up after the end.")
    interview_age: int = Field(default=7, description="R11.7: a child is asked from this age (NUSO).")
    smallest_count: int = Field(default=5, ge=2, description="R11.9, R19.1: smaller counts are not shown.")
    activity_offer_days: int = Field(
        default=3, ge=1, le=90, description="Days that a freed place at an activity waits."
    )
    referral_acknowledge_days: int = Field(default=5, description="R12.7: working days until a referral is received.")
    support_fresh_months: int = Field(default=12, ge=1, description="12.14: months until an offer is assured anew.")
    npf_lead_from_bup: bool = Field(
        default=True, description="R13.1: a team's lead is from BUP; the sources fix only the sub-project's lead."
    )
    expiry_interval_seconds: float = Field(default=60.0, gt=0, description="How often expired offers are passed on.")
    import_limit_bytes: int = Field(default=1_000_000_000, ge=1_000, description="Largest file of one import.")
    import_line_bytes: int = Field(default=200_000, ge=1_000, description="Longest line of an import.")
    import_block_lines: int = Field(default=500, ge=1, description="Lines that are imported in one transaction.")
    import_keep_days: int = Field(default=90, ge=1, description="How long the results of an import are kept.")
    export_page_lines: int = Field(default=500, ge=1, description="Lines that are read in one transaction.")
    export_open_minutes: int = Field(default=60, ge=1, description="How long the stated reason of an export is good.")
    work_interval_seconds: float = Field(
        default=0.5, gt=0, description="How often a worker looks for imports to continue and events to deliver."
    )
    work_here: bool = Field(
        default=True, description="Jobs run inside the server; off where `tillsammans work` runs beside it."
    )
    event_keep_days: int = Field(default=90, ge=1, description="How long a consumer of /events may be away.")
    event_poll_max_seconds: int = Field(default=30, ge=0, description="Longest wait of a long poll on /events.")
    webhook_private_targets: bool = Field(
        default=False, description="Development only: deliver to http, loopback and private addresses."
    )
    webhook_timeout_seconds: float = Field(default=10.0, gt=0)
    webhook_retry_seconds: Annotated[list[float], NoDecode] = Field(
        default=[5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400, 86_400],
        description="Waits between attempts (Standard Webhooks), up to a fifth longer; in all more than give_up_days.",
    )
    webhook_give_up_days: int = Field(default=5, ge=1, description="Days of failure after which one is disabled.")
    checkpoint_minutes: int = Field(default=60, description="R2.5: how long a stated reason opens a protected person.")

    @field_validator(
        "trusted_issuers", "token_algorithms", "token_types", "cors_origins", "webhook_retry_seconds", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def production(self) -> bool:
        """True where nothing of development may exist."""
        return self.environment == "production"

    @property
    def api_url(self) -> str:
        """Absolute address of the API root."""
        return self.public_url + API_PATH

    @property
    def dev_issuer(self) -> str:
        """The development issuer's identifier; it has no meaning in production."""
        return self.public_url + DEV_ISSUER_PATH

    @property
    def issuers(self) -> list[str]:
        """Every issuer whose tokens are accepted."""
        return self.trusted_issuers if self.production else [*self.trusted_issuers, self.dev_issuer]

    @model_validator(mode="after")
    def _production_is_complete(self) -> Self:
        if not self.production:
            return self
        missing = [
            name
            for name, absent in {
                "TILLSAMMANS_SECRET (at least 32 characters)": self.secret.get_secret_value() == DEVELOPMENT_SECRET
                or len(self.secret.get_secret_value()) < 32,
                "TILLSAMMANS_TRUSTED_ISSUERS (https)": not self.trusted_issuers
                or not all(issuer.startswith("https://") for issuer in self.trusted_issuers),
                "TILLSAMMANS_DATABASE_URL": not self.database_url,
                "TILLSAMMANS_PUBLIC_URL (https)": not self.public_url.startswith("https://"),
                "TILLSAMMANS_AUDIENCE": "audience" not in self.model_fields_set,
                "TILLSAMMANS_WEBHOOK_PRIVATE_TARGETS (off)": self.webhook_private_targets,
            }.items()
            if absent
        ]
        if missing:
            raise ValueError("production needs " + ", ".join(missing))
        return self


@lru_cache
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()

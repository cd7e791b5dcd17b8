"""Alembic's entry: runs the steps in ``versions`` on the connection that ``app.database.migrate`` hands over."""

from alembic import context
from sqlalchemy import Connection

from app.config import Settings
from app.kernel.context import ContextSigner
from app.models import metadata

WALL_TABLES = {"signing_key"}


def _ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    return not (kind == "table" and name in WALL_TABLES)


def run(connection: Connection) -> None:
    """Run the steps in one transaction, without waiting long for locks that traffic holds."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=True,
        include_object=_ours,
    )
    with context.begin_transaction():
        connection.exec_driver_sql("set local lock_timeout = '10s'")
        context.run_migrations()
        # So that /readyz can tell whether the newest step has been reached.
        connection.exec_driver_sql("grant select on alembic_version to tillsammans_program")
        _install_key(connection, context.config.attributes["settings"])


def _install_key(connection: Connection, settings: Settings) -> None:
    """Give the wall the key of this installation's secret; a new secret needs only a new ``tillsammans migrate``."""
    if connection.exec_driver_sql("select to_regclass('wall.signing_key')").scalar() is None:
        return
    connection.exec_driver_sql("delete from wall.signing_key")
    pads = ContextSigner(settings.secret.get_secret_value()).pads
    connection.exec_driver_sql("insert into wall.signing_key values (%s, %s)", pads)


run(context.config.attributes["connection"])

"""The development issuer: an OpenID provider with demo users and no passwords, impossible in production.

A process reaches its own issuer without a network, so that the verifier finds keys while the server is still starting::

    idp = dev_idp_app(settings, DevIssuer.load(settings), list_users)
    app.mount(DEV_ISSUER_PATH, idp)
    http = httpx.AsyncClient(mounts={settings.dev_issuer: in_process_transport(idp)})
    verifier = TokenVerifier(settings, http, clock)

(httpx compares scheme, host and port of a mount, not its path: this client sees the issuer wherever ``public_url`` is.)
"""

from app.dev_idp.issuer import DEFAULT_SCOPE, DEMO_CLIENT_SECRET, DemoUser, DevIssuer
from app.dev_idp.router import dev_idp_app, in_process_transport

__all__ = ["DEFAULT_SCOPE", "DEMO_CLIENT_SECRET", "DemoUser", "DevIssuer", "dev_idp_app", "in_process_transport"]

"""What the program sends by itself, under ``webhooks`` (OpenAPI 3.1): one request for every event, signed."""

from typing import Any, Final

from app.contract.schemas import REF

JsonObject = dict[str, Any]

_ABOUT: Final = """\
Skickas till varje prenumeration (`POST /webhook-subscriptions`) för varje händelse som prenumeranten får läsa om:
samma CloudEvent som i `GET /events`, bara id:n och typer. Läs posten på `source` + `subject` med en egen token.
Signaturen följer Standard Webhooks: HMAC-SHA256 över `{webhook-id}.{webhook-timestamp}.{body}` med hemligheten efter
`whsec_`, base64-kodad. Kontrollera den mot den oförändrade kroppen, och att tidsstämpeln är högst fem minuter gammal.
Under ett byte av hemlighet finns flera signaturer, skilda av mellanslag; det räcker att en stämmer. Svara med 2xx inom
några sekunder och arbeta efteråt. Allt annat försöks igen med växande mellanrum i flera dagar; 410 stänger av
prenumerationen genast. En händelse kan komma flera gånger (samma `webhook-id`) och i annan ordning än den hände: för
varje post gäller det högsta `sequence`.

Sent to every subscription (`POST /webhook-subscriptions`) for every event that the subscriber may read of: the same
CloudEvent as in `GET /events`, ids and types only. Read the record at `source` + `subject` with a token of your own.
The signature follows Standard Webhooks: HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}` with the secret
after `whsec_`, base64. Check it against the body as it came, and that the timestamp is no older than five minutes.
While a secret is rotated there are several signatures with spaces between; one that fits is enough. Answer 2xx within
seconds and work afterwards. Anything else is tried again with growing waits for days; 410 disables the subscription at
once. An event may come more than once (the same `webhook-id`), and in another order than it happened: for each record
the highest `sequence` holds.
"""


def _header(name: str, description: str, example: str) -> JsonObject:
    return {
        "name": name, "in": "header", "required": True, "description": description,
        "schema": {"type": "string"}, "example": example,
    }  # fmt: skip


def complete(document: JsonObject) -> None:
    """Describe what receivers get; the examples of the contract's own components stand beside it."""
    document["webhooks"] = {"event": {"post": _event()}}


def _event() -> JsonObject:
    return {
        "operationId": "receiveEvent",
        "tags": ["webhooks"],
        "summary": "En händelse · An event",
        "description": _ABOUT,
        "security": [],
        "parameters": [
            _header("webhook-id", "The event's id; the same at every attempt.", "01976b1e-7a30-7c3e-9d5a-5d7f3c1b2a90"),
            _header("webhook-timestamp", "When this attempt was made, in seconds since 1970.", "1772443800"),
            _header(
                "webhook-signature", "`v1,` and base64; one for each valid secret, with spaces between.",
                "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
            ),
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": REF + "Event"}}}},
        "responses": {
            "2XX": {"description": "It has arrived."},
            "410": {"description": "Nobody wants these any more: the subscription is disabled."},
        },
    }  # fmt: skip

"""What stands beside the API (stub to be replaced)."""
from fastapi import APIRouter, FastAPI
from dataclasses import dataclass
from typing import Any
from app.dev_idp import DevIssuer, dev_idp_app, in_process_transport

@dataclass
class Issuer:
    app: Any
    transport: Any

def dev_issuer(settings):
    async def users(): return []
    idp = dev_idp_app(settings, DevIssuer.load(settings), users)
    return Issuer(idp, in_process_transport(idp))

def pages(kernel):
    return APIRouter()

def add_documentation(app: FastAPI): ...

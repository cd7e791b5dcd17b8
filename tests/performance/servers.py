"""The two servers: one uvicorn process each, as in production."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app import logs
from app.main import create_app
from tests.performance.bare import create_bare
from tests.performance.world import BARE, OURS, settings_for


def application(name: str, folder: Path, program_url: str) -> FastAPI:
    """The program, or the bare endpoints, on a database."""
    settings = settings_for(folder)
    if name == BARE:
        return create_bare(settings, program_url)
    return create_app(settings, program_url=program_url)


@contextmanager
def serving(name: str, folder: Path, program_url: str) -> Iterator[int]:
    """The port on which it serves, for as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process: BaseProcess = get_context("spawn").Process(
            target=_serve, args=(name, folder, program_url, listening), daemon=True
        )
        process.start()
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.join()


def _serve(name: str, folder: Path, program_url: str, listening: socket.socket) -> None:
    app = application(name, folder, program_url)
    if name == OURS:
        # The line that production writes for each request is part of the price; nobody reads it here.
        logs.configure(settings_for(folder).model_copy(update={"environment": "production"}))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", lifespan="on", log_level="warning", access_log=False, server_header=False
    )
    uvicorn.Server(config).run([listening])

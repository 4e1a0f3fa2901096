"""The help as Starlette serves a folder: StaticFiles, as its documentation shows."""

from __future__ import annotations

import os

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

app = Starlette(routes=[Mount("/aide", StaticFiles(directory=os.environ["BENCH_HELP"], html=True))])

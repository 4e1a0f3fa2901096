"""Datasette as an ASGI application, so that uvicorn serves it as it serves the others (no access log)."""

from __future__ import annotations

import os
from pathlib import Path

from datasette.app import Datasette

from bench.peers.datasette_app.requete import metadata

HERE = Path(__file__).parent
FILE = Path(os.environ["BENCH_PEERS"])
app = Datasette(
    [str(FILE)], metadata=metadata(FILE.stem),
    template_dir=str(HERE.parent / "templates"), plugins_dir=str(HERE / "plugins"),
).app()

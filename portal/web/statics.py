"""Static files: compressed once, kept for ever by browsers when the address carries their fingerprint."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import brotli
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PACKED = (".css", ".js", ".svg")


class Statics(StaticFiles):
    """Files of ``static/``: immutable under a fingerprinted address, checked again otherwise."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, in brotli where the browser takes it and it pays."""
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and _takes_brotli(scope) and str(response.path).endswith(PACKED):
            response = _packed_response(response)
        fingerprinted = b"v=" in scope.get("query_string", b"")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if fingerprinted else "no-cache"
        return response


def _takes_brotli(scope: Scope) -> bool:
    accepted = Headers(scope=scope).get("accept-encoding", "")
    return "br" in (coding.partition(";")[0].strip() for coding in accepted.split(","))


def _packed_response(found: FileResponse) -> Response:
    etag = found.headers["etag"]
    headers = {"etag": etag, "content-encoding": "br", "vary": "Accept-Encoding"}
    return Response(_packed(str(found.path), etag), media_type=found.media_type, headers=headers)


@lru_cache(maxsize=64)
def _packed(path: str, etag: str) -> bytes:
    """The file's bytes in brotli; ``etag`` changes with the file, so that a new one is packed again."""
    return bytes(brotli.compress(Path(path).read_bytes(), quality=11))

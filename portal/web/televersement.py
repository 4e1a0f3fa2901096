"""The form of an upload page: its one file stays in memory, since the disk would keep it in clear."""

from __future__ import annotations

from contextlib import aclosing

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from portal.web import errors, forms

MULTIPART = "multipart/form-data"


class MemoryParser(MultiPartParser):
    """Starlette's parser, whose file never rolls over to a temporary one.

    0 means « never » to tempfile.SpooledTemporaryFile; what bounds the memory is the route's ``max_body_size``.
    """

    spool_max_size = 0


async def read(request: Request) -> FormData:
    """The fields and at most one file of a POST. Raises BadRequest for a body that can't be read.

    A form without a file (as a browser of no page of ours sends it) is read like any other.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MULTIPART:
        return await request.form(max_files=0, max_fields=forms.MAX_FIELDS, max_part_size=forms.MAX_PART)
    try:
        async with aclosing(request.stream()) as stream:
            parser = MemoryParser(request.headers, stream, max_files=1, max_fields=forms.MAX_FIELDS,
                                  max_part_size=forms.MAX_PART)
            return await parser.parse()
    except MultiPartException as error:
        raise errors.BadRequest() from error

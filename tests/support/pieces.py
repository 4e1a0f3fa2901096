"""Files to join to a dossier, good and bad, and a ClamAV daemon that only speaks its protocol."""

from __future__ import annotations

import io
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, TextStringObject

from portal.db import database
from portal.pieces import commands, queries, rules
from portal.settings import load
from tests.support.volets import ALICE_ACTS, seen

# What every scanner recognises and harms nobody (eicar.org); cut in two so that none takes this file for it.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


def pdf(change: Callable[[PdfWriter], object] | None = None, pages: int = 1, title: str = "") -> bytes:
    """A PDF of blank pages, changed before it is written."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 280)
    if title:
        writer.add_metadata({"/Title": title})
    if change:
        change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def dictionary(**items: Any) -> DictionaryObject:
    """A PDF dictionary; texts that begin with « / » are names."""
    return DictionaryObject({
        NameObject(f"/{key}"): NameObject(value) if isinstance(value, str) and value.startswith("/")
        else TextStringObject(value) if isinstance(value, str) else value for key, value in items.items()})


def at_opening(**action: Any) -> bytes:
    """A PDF that does something when it is opened."""
    return pdf(lambda writer: writer.root_object.update({NameObject("/OpenAction"): dictionary(**action)}))


def on_a_page(**action: Any) -> bytes:
    """A PDF with a link whose click does something, behind a reference."""
    def put(writer: PdfWriter) -> None:
        link = writer._add_object(dictionary(Subtype="/Link", A=writer._add_object(dictionary(**action))))
        writer.pages[0][NameObject("/Annots")] = ArrayObject([link, NullObject()])
    return pdf(put)


def picture(kind: str, width: int = 60, height: int = 40, **how: Any) -> bytes:
    """A PNG or a JPEG of one colour."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, kind, **how)
    return made.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A small PNG that says it has 3,600 million pixels."""
    small = bytearray(picture("PNG"))
    small[16:24] = struct.pack("!LL", width, height)
    small[29:33] = struct.pack("!L", zlib.crc32(small[12:29]))
    return bytes(small)


def heavy(size: int) -> bytes:
    """A valid PDF of this many bytes."""
    return pdf().ljust(size, b"\n")


@contextmanager
def clamd(answer: Callable[[bytes], bytes | None]) -> Iterator[tuple[str, list[bytes]]]:
    """A daemon on a port of its own: its address and what it was sent. ``answer`` None: it hangs up."""
    seen: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link, link.makefile("rb") as stream:
                if stream.read(10) != b"zINSTREAM\0":
                    continue
                content = b""
                while size := struct.unpack("!L", stream.read(4))[0]:
                    content += stream.read(size)
                seen.append(content)
                reply = answer(content)
                if reply is not None:
                    link.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"tcp:127.0.0.1:{server.getsockname()[1]}", seen
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def knows_eicar(content: bytes) -> bytes:
    """What clamd answers with a signature of EICAR."""
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


def join(numero: int, kind: str, name: str, content: bytes | None = None, *, removed: bool = False) -> str:
    """Join a piece to Dr Alice MARTIN's dossier, perhaps to remove it at once; its id."""
    found, where = rules.FORMATS["application/pdf"], seen(numero)
    if content is None:
        content = pdf(title=f"{kind} {name}")
    new = commands.prepare(where, kind, found, name, content)
    with database.writing():
        commands.add(ALICE_ACTS, where, new, load({}), medical=True)
        piece = queries.of(where, new.id, True)
        if removed and piece:
            commands.remove(ALICE_ACTS, where, piece)
    return new.id

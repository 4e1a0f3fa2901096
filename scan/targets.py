"""The portal's parsers, each as a function of bytes that may only fail in its own declared way.

One list for the coverage-guided fuzzer (``scan/fuzz.py``) and for the short properties of the ordinary suite
(``tests/unit/test_analyseurs.py``).
"""

from __future__ import annotations

import asyncio
import functools
import io
import logging
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request

from portal.agent import apdu, certificat, pkcs15, tlv
from portal.agent.errors import UnusableCard
from portal.annuaire import fichier
from portal.annuaire import rules as communes
from portal.compte import rules as compte
from portal.connexion import certificats, commands
from portal.connexion import rules as connexion
from portal.connexion.ecps import client, decouverte, jetons, refus
from portal.connexion.ecps import rules as ecps
from portal.db import crypto, trousseau
from portal.dossiers import identite
from portal.dossiers import rules as dossiers
from portal.pieces import controle
from portal.pieces import rules as pieces
from portal.sauvegarde import archive
from portal.sauvegarde import rules as sauvegarde
from portal.settings import SettingsError, load
from portal.volets import definitions, reponses
from portal.volets import forms as volets
from portal.web import errors, forms, televersement
from scan import seeds

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MULTIPART = "multipart/form-data; boundary=bord"
URLENCODED = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Target:
    """One parser: ``run`` may raise ``declared`` and nothing else; ``seeds`` makes a few good inputs."""

    name: str
    run: Callable[[bytes], object]
    declared: tuple[type[Exception], ...]
    seeds: Callable[[], list[bytes]]

    def __call__(self, data: bytes) -> None:
        """Try one input; raises what the parser should not."""
        with suppress(*self.declared):
            self.run(data)


@functools.cache
def ring() -> crypto.KeyRing:
    """A throw-away ring."""
    return crypto.ring_of(trousseau.fresh(demonstration=True, at=0))


def text(data: bytes) -> str:
    """Any text that a form could bring, lone surrogates left out as a decoder of UTF-8 does."""
    return data.decode("utf-8", "replace")


def card_object(data: bytes) -> None:
    """A card's file: data objects, and the directory entries that pkcs15 reads in them."""
    nodes = tlv.parse(data)
    for node in tlv.walk(nodes):
        assert tlv.encode(node.tag, node.value)
    for node in nodes:
        with suppress(UnusableCard):
            pkcs15._described(node)
        entry = pkcs15._entry(node)
        assert pkcs15._key_bytes(entry) in (128, 256, 384, 512)


def card_answer(data: bytes) -> None:
    """A card's answer to a command, and its line of the log."""
    apdu.trace(data[:20], data[20:])
    apdu.response(data)


def certificate(data: bytes) -> None:
    """A card's certificate as the portal reads it, up to who holds it."""
    read = certificats.read(data)
    authorities = certificats.Authorities(roots=seeds.authority(), grace=NOW - NOW)
    with suppress(connexion.Refused):
        certificats.check(read, authorities, NOW)
    with suppress(connexion.Refused):
        certificats.check_signature(read, data[:256], data)
    connexion.identity(certificats.subject(read))


def provider(data: bytes) -> None:
    """What an e-CPS provider answers: discovery, keys, userinfo, claims."""
    found = client._object(data)
    settings = load({}, data=Path("var"), demonstration=True)
    for read in (functools.partial(decouverte.read, found, settings), functools.partial(decouverte.read_keys, found),
                 functools.partial(ecps.identity, found, "sub")):
        with suppress(refus.Refused):
            read()
    expected = ecps.Expected(issuer="https://psc.test", client_id="portail", nonce="n", acr="eidas1")
    ecps.check_claims(found | {"iss": "https://psc.test"}, expected, NOW.timestamp(), "jeton")


def id_token(data: bytes) -> None:
    jetons.claims(text(data), lambda _fresh: seeds.key_set())


def signed(data: bytes) -> None:
    """Cookies and links of mails: nothing that we did not sign opens."""
    from itsdangerous import BadSignature

    for purpose in ("session", "message"):
        with suppress(BadSignature, UnicodeDecodeError):
            ring().signer(purpose).unsign(text(data)).decode("ascii")
        with suppress(BadSignature):
            ring().serializer(purpose).loads(text(data), max_age=600)
    forms.local_path(text(data))
    request = Request({"type": "http", "headers": [(b"cookie", data)], "path": "/", "query_string": data})
    assert isinstance(request.cookies, dict) and isinstance(dict(request.query_params), dict)


def directory(data: bytes) -> None:
    """A file of establishments, to its last line."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        Path(file.name).write_bytes(data)
        for _ in fichier.lines(Path(file.name)):
            pass


def _request(data: bytes, kind: str) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": data, "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"",
                    "headers": [(b"content-type", kind.encode())]}, receive)


def _form(data: bytes, kind: str) -> FormData:
    async def parsed() -> FormData:
        if kind == URLENCODED:
            return await _request(data, kind).form(max_files=0, max_fields=forms.MAX_FIELDS,
                                                   max_part_size=forms.MAX_PART)
        return await televersement.read(_request(data, kind))

    return asyncio.run(parsed())


def urlencoded(data: bytes) -> None:
    for value in _form(data, URLENCODED).values():
        forms.clean(value)


def multipart(data: bytes) -> None:
    for value in _form(data, MULTIPART).values():
        forms.clean(value)


def volet(data: bytes) -> None:
    """A volet's form as sent, then each of its answers."""
    definition = definitions.latest("ga", "medical")
    sent = volets.sent(_form(data, URLENCODED), definition)
    for field in definition.fields.values():
        with suppress(reponses.Refused):
            reponses.read(field, sent.raw, TODAY, lambda _name: None)


def answer(data: bytes) -> None:
    """One text under every kind of field: what is accepted reads the same again."""
    for definition in (definitions.latest("ga", "medical"), definitions.latest("ga", "autonomie")):
        for field in definition.fields.values():
            raw = dict.fromkeys(reponses.names(field), text(data))
            with suppress(reponses.Refused):
                value = reponses.read(field, raw, TODAY, lambda _name: None)
                if value is not None:
                    reponses.words(field, value)
                    again = reponses.read(field, reponses.raw_of(field, value), TODAY, lambda _name: None)
                    assert again == value, (field.id, again, value)


def identifier(data: bytes) -> None:
    """Social security numbers, dossier numbers, towns, mail addresses, telephones, specialties."""
    typed = text(data)
    dossiers.parse_numero(typed)
    dossiers.fold(typed)
    communes.read(typed)
    connexion.specialty_code(typed)
    for read in (compte.email, compte.phone):
        with suppress(compte.Invalid):
            read(typed)
    nir = identite.read_nir(typed)
    identite.remarques(nir, TODAY, "F", "14118")


def definition_file(data: bytes) -> None:
    """A volet's definition as a file of TOML."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ga-essai.1.toml").write_bytes(data)
        definitions.load(Path(folder))


def attachment(data: bytes) -> None:
    found = controle.check(f"essai.{text(data[-6:])}", data, 1 << 20)
    assert pieces.safe_name(text(data[:300]), found)


def backup(data: bytes) -> None:
    """A sealed file of the backup, to its last piece."""
    for _ in archive.pieces(io.BytesIO(data), ring()):
        pass


def keys(data: bytes) -> None:
    """A key ring, up to the ring in use."""
    crypto.ring_of(trousseau.read(trousseau.Source(None, text(data))))


def boundary(data: bytes) -> None:
    """A multipart body whose own Content-Type is hostile."""
    async def stream() -> AsyncIterator[bytes]:
        yield data

    kind = data[:80].decode("latin-1")
    parser = televersement.MemoryParser(Headers({"content-type": f"multipart/form-data; boundary={kind}"}), stream())
    from starlette.formparsers import MultiPartException

    with suppress(MultiPartException):
        asyncio.run(parser.parse())


REFUSED = (connexion.Refused,)
TARGETS = (
    Target("card-tlv", card_object, (UnusableCard,), seeds.card_files),
    Target("card-apdu", card_answer, (UnusableCard,), seeds.card_answers),
    Target("agent-certificate", certificat.read, (UnusableCard,), seeds.certificates),
    Target("certificate", certificate, REFUSED, seeds.certificates),
    Target("authorities", certificats.authorities_in, certificats.UNREADABLE, seeds.chains),
    Target("revocation-list", certificats.list_in, certificats.UNREADABLE, seeds.lists),
    Target("card-token", lambda data: commands.read_token(text(data)), REFUSED, seeds.card_tokens),
    Target("id-token", id_token, (refus.Refused,), seeds.id_tokens),
    Target("provider-answer", provider, (refus.Refused,), seeds.provider_answers),
    Target("cookies-and-links", signed, (), lambda: seeds.signatures(ring())),
    Target("directory-csv", directory, (fichier.Refused,), seeds.directories),
    Target("form-urlencoded", urlencoded, (HTTPException, errors.PageError), seeds.bodies),
    Target("form-multipart", multipart, (HTTPException, errors.PageError), seeds.multiparts),
    Target("multipart-boundary", boundary, (), seeds.multiparts),
    Target("volet-form", volet, (HTTPException, errors.PageError), seeds.volets),
    Target("volet-answer", answer, (), seeds.answers),
    Target("identifiers", identifier, (identite.Invalid,), seeds.identifiers),
    Target("volet-definition", definition_file, (definitions.DefinitionError,), seeds.definitions),
    Target("attachment", attachment, (controle.Refus,), seeds.attachments),
    Target("backup", backup, (sauvegarde.Refused,), lambda: seeds.backups(ring())),
    Target("key-ring", keys, (SettingsError,), seeds.rings),
)


def named(name: str) -> Target:
    """The target of this name; raises KeyError."""
    return {target.name: target for target in TARGETS}[name]


def quiet() -> None:
    """Refusals are the point here: their lines say nothing."""
    logging.disable(logging.CRITICAL)

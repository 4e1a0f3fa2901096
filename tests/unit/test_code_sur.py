"""What the portal's own source must not hold: dangerous calls, weak algorithms, predictable numbers."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SOURCES = {path: ast.parse(path.read_text("utf-8")) for path in sorted(Path("portal").rglob("*.py"))}
SCRIPTS = [*sorted(Path("static/js").rglob("*.js")), Path("portal/agent/agent.js")]
DEMONSTRATION = "portal/demonstration/"


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the dotted name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def found(wrong: Callable[[str, ast.Call], bool]) -> set[str]:
    """« file: call » of each call that a rule refuses."""
    return {f"{path.as_posix()}: {name}" for path, tree in SOURCES.items() for name, call in calls(tree)
            if wrong(name, call)}


def importing(*names: str) -> set[str]:
    return {path.as_posix() for path, tree in SOURCES.items() for one in imports(tree)
            if any(one == name or one.startswith(f"{name}.") for name in names)}


def keyword(call: ast.Call, name: str) -> object:
    return next((getattr(one.value, "value", ...) for one in call.keywords if one.arg == name), None)


@pytest.mark.proves("V1.2.5")
def test_no_command_goes_through_a_shell() -> None:
    assert not found(lambda name, call: name in {"os.system", "os.popen", "subprocess.getoutput"}
                     or bool(keyword(call, "shell")))
    assert importing("subprocess") <= {
        "portal/aide/construction.py",  # mkdocs, on our own sources
        "portal/sauvegarde/postgresql.py",  # pg_dump and pg_restore
        *(path.as_posix() for path in SOURCES if path.is_relative_to("portal/cli")),  # the demonstration's agent
    }


@pytest.mark.proves("V1.3.2", "V1.3.7")
def test_nothing_is_evaluated_nor_made_a_template() -> None:
    assert not found(lambda name, _: name in {"eval", "exec", "compile", "__import__"}
                     or name.endswith((".from_string", "jinja2.Template")))


@pytest.mark.proves("V1.5.1", "V1.5.2")
def test_nothing_typed_becomes_an_object() -> None:
    assert not importing("pickle", "marshal", "shelve", "dill", "yaml", "xml", "lxml", "xmlrpc")


@pytest.mark.proves("V1.3.10")
def test_format_strings_are_constants() -> None:
    """``.format`` is called on texts of ours: a constant, or a name that is one."""
    def built(name: str, call: ast.Call) -> bool:
        assert isinstance(call.func, ast.Attribute)
        holder = call.func.value
        return not isinstance(holder, ast.Constant) and not re.fullmatch(
            r"_?[A-Z][A-Z_]*(\[.*\])?", ast.unparse(holder))

    local = {"tag", "words"}  # texts written a line above, of the trade's own states
    assert {line.rpartition(": ")[2] for line in found(
        lambda name, call: name.endswith(".format") and built(name, call))} <= {f"{one}.format" for one in local} | {
            "words[statut.bold].format", "(ADDED if new else ALREADY).format",
            "sql.SQL(statement).format",  # psycopg's own, which quotes names
            "super().format",  # a record of the log
        }


@pytest.mark.proves("V11.4.1", "V11.4.3")
def test_weak_hashes_serve_nowhere_but_in_hotp() -> None:
    weak = found(lambda name, _: bool(re.search(r"\b(md5|sha1|MD5|SHA1|MD4)$", name)))
    named = {path.as_posix() for path, tree in SOURCES.items() for node in ast.walk(tree)
             if isinstance(node, ast.Attribute) and node.attr in {"md5", "sha1", "MD5", "SHA1"}}
    assert not weak
    assert named == {"portal/facteurs/rules.py"}, "RFC 4226 asks for HMAC-SHA-1, and applications know no other"


@pytest.mark.proves("V11.2.1", "V11.3.1", "V11.3.2")
def test_one_cipher_from_one_library() -> None:
    ciphers = "cryptography.hazmat.primitives.ciphers"
    assert {one for tree in SOURCES.values() for one in imports(tree) if one.startswith(ciphers)} == {
        f"{ciphers}.aead.AESGCM"}
    assert not importing("Crypto", "Cryptodome", "nacl", "cryptography.fernet")


@pytest.mark.proves("V11.5.1", "V6.5.3")
def test_what_must_not_be_guessed_comes_from_the_system() -> None:
    """``random`` furnishes the demonstration; everything else asks ``secrets`` or ``os.urandom``."""
    assert all(path.startswith(DEMONSTRATION) for path in importing("random"))
    short = found(lambda name, call: name.startswith("secrets.token_") and bool(call.args)
                  and isinstance(call.args[0], ast.Constant) and int(str(call.args[0].value)) < 16)
    assert {line.partition(":")[0] for line in short} <= {
        "portal/journal.py", "portal/volets/queries.py",  # references to tell on the phone, which open nothing
        "portal/echeances/registre.py",  # which process holds a job
        "portal/connexion/ecps/commands.py",  # in a signed text that says « you have left » and no more
    }


@pytest.mark.proves("V16.2.3")
def test_the_log_goes_to_the_process_s_own_output_alone() -> None:
    """The inventory of docs/dev/security.md names no file and no service, so none is opened."""
    assert not importing("logging.handlers", "syslog", "systemd")
    assert not found(lambda name, _: name.endswith("FileHandler"))


@pytest.mark.proves("V15.3.2")
def test_only_signed_lists_are_fetched_through_redirections() -> None:
    assert found(lambda name, call: keyword(call, "follow_redirects") is True) == {
        "portal/connexion/listes.py: httpx2.Client"}
    assert importing("httpx2", "urllib.request", "http.client", "aiosmtplib", "smtplib", "requests") <= {
        "portal/connexion/listes.py", "portal/connexion/ecps/client.py", "portal/connexion/ecps/commands.py",
        "portal/connexion/ecps/decouverte.py", "portal/db/outbox.py",
        "portal/agent/programme.py", *(str(path) for path in SOURCES if str(path).startswith("portal/cli"))}


@pytest.mark.proves("V6.3.4")
def test_sessions_open_behind_the_documented_doors_alone() -> None:
    """Each place that opens a session is a way in of docs/dev/security.md."""
    assert found(lambda name, _: name == "session.login") == {
        f"{path}: session.login" for path in (
            "portal/connexion/arrivee.py",  # e-CPS, password and passkey or code, a card with an account
            "portal/connexion/commands.py",  # a card without an account: the registration and nothing else
            "portal/espaces/usager/entree.py",  # patients and relatives, by the mailed link
            "portal/demonstration/acteurs.py",  # the demonstration alone: tests/pages/test_demonstration_acteurs.py
        )}
    doors = Path("docs/dev/security.md").read_text("utf-8").partition("## Ways in")[2].partition("\n## ")[0]
    for door in ("CPS card", "e-CPS", "passkey", "code", "mailed link", "Demonstration"):
        assert door in doors, door


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
@pytest.mark.proves("V3.2.2", "V1.3.2")
def test_scripts_put_text_in_as_text(path: Path) -> None:
    assert not re.search(
        r"\.(inner|outer)HTML\s*[+]?=|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\([\"'`]",
        path.read_text("utf-8"))


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
@pytest.mark.proves("V15.3.6")
def test_scripts_set_no_property_by_a_name_that_they_were_given(path: Path) -> None:
    """``a[b] = c`` with b of an answer could write to every object; new elements and errors alone are assigned to.

    ``next[j]`` is a cell of numbers, ``base[field.id]`` a field of the form's own definition.
    """
    text = path.read_text("utf-8")
    named = set(re.findall(r"\w+\[[^\]]+\](?=\s*=[^=])", text))
    assert named <= {"next[j]", "base[field.id]"}
    assert not re.search(r"__proto__|\.prototype\s*[.\[]?\w*\s*=[^=]|setPrototypeOf", text)
    assert all(re.match(r"(document\.createElement|element|new Error)\(", onto)
               for onto in re.findall(r"Object\.assign\((.{25})", text))


@pytest.mark.proves("V15.3.5")
def test_comparisons_are_strict_and_types_are_checked() -> None:
    for path in SCRIPTS:
        assert not re.search(r"[^=!<>]==[^=]|!=[^=]", path.read_text("utf-8")), path
    checked = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert checked["strict"] is True and "portal" in checked["files"]
    assert "mypy" in Path("Makefile").read_text("utf-8").partition("\ncheck:")[2].partition("\n\n")[0]


@pytest.mark.proves("V14.3.3")
def test_the_browser_s_storage_holds_one_choice_and_nothing_of_anybody() -> None:
    stored = {use for path in SCRIPTS for use in re.findall(
        r"(?:local|session)Storage\.\w+\([^),]*|indexedDB|caches\.\w+|serviceWorker|document\.cookie",
        path.read_text("utf-8"))}
    assert stored == {'localStorage.getItem("raccourcis"', 'localStorage.setItem("raccourcis"'}


@pytest.mark.parametrize("name", ["run", "dev", "bench", "carte"])
@pytest.mark.proves("V15.1.2")
def test_every_library_is_pinned_with_its_hashes(name: str) -> None:
    lines = Path("requirements", f"{name}.txt").read_text("utf-8").replace("\\\n", " ").splitlines()
    pins = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert pins and all(re.match(r"[\w.\[\]-]+==\S+( ; [^-]+)?\s+--hash=sha256:", pin) for pin in pins)

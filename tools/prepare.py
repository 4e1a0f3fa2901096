"""Make ``.venv`` and install the pinned packages in it: ``prepare.py run | dev | bench | lock``.

Standard library only, since it runs before anything is installed. Uses uv when it is on PATH,
else venv and pip. A stamp of the pins makes the second call nearly free.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Each set's pins include the pins of the sets before it.
SETS = {
    "run": ("aide",),
    "dev": ("aide", "dev"),
    "bench": ("aide", "dev", "bench"),
}
NO_ENSUREPIP = """\
Python ne peut pas créer d’environnement : il lui manque « venv » (paquet ensurepip).
Sur Debian ou Ubuntu : apt-get install python3-venv (en root), puis relancez la commande."""


def main() -> int:
    """Prepare one set; returns the exit code."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else "run"
    if sys.version_info < (3, 11):
        return fail(f"Python 3.11 ou plus récent est nécessaire ; celui-ci est {sys.version.split()[0]}.")
    if wanted == "lock":
        return lock()
    if wanted not in SETS:
        return fail(f"usage: prepare.py {' | '.join(SETS)} | lock")
    if is_ready(wanted):
        return 0
    print(f"Installation de l’environnement « {wanted} » dans .venv…", flush=True)
    try:
        make_venv()
        install(wanted)
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd[:4]))
        return fail(f"L’installation s’est arrêtée ({command}…). Vérifiez l’accès au dépôt de paquets.")
    stamp(wanted).write_text(fingerprint(wanted), "utf-8")
    return 0


def is_ready(wanted: str) -> bool:
    """True when this set, or one that holds it, is installed with the present pins."""
    order = list(SETS)
    larger = order[order.index(wanted):]
    return PYTHON.exists() and any(
        stamp(name).exists() and stamp(name).read_text("utf-8") == fingerprint(name) for name in larger)


def stamp(name: str) -> Path:
    return VENV / f".pret-{name}"


def pins(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def fingerprint(name: str) -> str:
    content = b"".join(path.read_bytes() for path in (pins(name), ROOT / "pyproject.toml"))
    return hashlib.sha256(content + str(ROOT).encode() + sys.version.encode()).hexdigest()


def make_venv() -> None:
    if PYTHON.exists():
        return
    if shutil.which("uv"):
        run("uv", "venv", "--quiet", "--python", sys.executable, VENV)
        return
    if run(sys.executable, "-c", "import ensurepip, venv", check=False, quiet=True):
        install_debian_venv()
    run(sys.executable, "-m", "venv", VENV)


def install_debian_venv() -> None:
    """Bare Debian ships Python without ensurepip: install it when root, else say what to do."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(fail(NO_ENSUREPIP))
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)


def install(name: str) -> None:
    """Install the pins with their hashes, then the project itself as it stands in this folder."""
    if shutil.which("uv"):
        pip: tuple[object, ...] = ("uv", "pip", "install", "--quiet", "--python", PYTHON)
    else:
        pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "-r", pins(name))
    run(*pip, "--no-deps", "--editable", ROOT)


def lock() -> int:
    """Write requirements/*.txt: every version and hash, for every platform."""
    if not shutil.which("uv"):
        return fail("« make lock » a besoin de uv (pip install uv).")
    pins("run").parent.mkdir(exist_ok=True)
    for name, extras in SETS.items():
        options = [part for extra in extras for part in ("--extra", extra)]
        run("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
            "--no-header", "--no-annotate", "--no-emit-index-url", *options, "-o", pins(name), "pyproject.toml")
    return 0


def run(*command: object, check: bool = True, quiet: bool = False) -> int:
    return subprocess.run(
        [str(part) for part in command], check=check, cwd=ROOT, stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if quiet else None,
    ).returncode


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())

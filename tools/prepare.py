"""Make ``.venv`` and install the pinned packages in it.

``prepare.py run | dev | bench | carte | deploy | scan | lock``

``carte`` adds what the tests of the real smart card stack need (pcscd, a virtual reader, independent
judges, pyscard). It never stops anything: where it can't be had, it says so and those tests are skipped.
``deploy`` adds what builds the wheel and reads the Dockerfile. ``scan`` makes ``.venv-scan``, for scanners whose own
pins are not the portal's.

Standard library only, since it runs before anything is installed. Uses uv when it is on PATH,
else venv and pip. A stamp of the pins makes the second call nearly free.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SCAN_VENV = ROOT / ".venv-scan"
# Each set's pins include the pins of the sets before it.
SETS = {
    "run": ("aide", "pdf"),
    "dev": ("aide", "pdf", "fhir", "postgresql", "dev"),
    "bench": ("aide", "pdf", "fhir", "postgresql", "dev", "bench"),
}
# On top of a set, on its own: no wheel for Linux, so a compiler and headers are needed.
CARD = "carte"
CARD_EXTRAS = ("agent", "pkcs11")
DEPLOY = "deploy"
SCAN = "scan"
# Each program with its Debian package.
SCAN_PACKAGES = {"testssl": "testssl.sh", "sqlmap": "sqlmap", "nginx": "nginx-light", "npm": "npm"}
# Each Debian package with a file that shows that it is there.
CARD_PACKAGES = {
    "gcc": "/usr/bin/gcc",
    "libpcsclite-dev": "/usr/include/PCSC/winscard.h",
    "pcscd": "/usr/sbin/pcscd",
    "vsmartcard-vpcd": "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
    "opensc": "/usr/bin/pkcs15-tool",
    "softhsm2": "/usr/bin/softhsm2-util",
    "chromium": "/usr/bin/chromium",
    "firefox-esr": "/usr/bin/firefox-esr",
    # No card, but real too: the virus scanner that attachments are shown to.
    "clamav-daemon": "/usr/sbin/clamd",
    # And the judges of the help: its spelling, and (through npm) its HTML.
    "hunspell": "/usr/bin/hunspell",
    "hunspell-fr-classical": "/usr/share/hunspell/fr.dic",
    "default-jre-headless": "/usr/bin/java",
}
COMPILE = ("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header",
           "--no-annotate", "--no-emit-index-url")
NO_CARD = """\
Les tests de la carte réelle seront sautés : {reason}.
Sur Debian, relancez la commande en root ; ailleurs, voyez docs/dev/real-stack.md."""
NO_NODE = """\
La comparaison se fera sans Fastify : {reason}.
Il lui faut Node 20 ou plus récent, npm et un compilateur C++."""
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
    if wanted == CARD:
        return prepare_card()
    if wanted == SCAN:
        return prepare_scan()
    if wanted not in SETS and wanted != DEPLOY:
        return fail(f"usage: prepare.py {' | '.join(SETS)} | {CARD} | {DEPLOY} | {SCAN} | lock")
    if is_ready(wanted):
        return prepare_more(wanted)
    print(f"Installation de l’environnement « {wanted} » dans .venv…", flush=True)
    try:
        make_venv()
        if wanted == DEPLOY:
            run(*pip_install(), "--require-hashes", "-r", pins(DEPLOY))
        else:
            install(wanted)
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd[:4]))
        return fail(f"L’installation s’est arrêtée ({command}…). Vérifiez l’accès au dépôt de paquets.")
    stamp(wanted).write_text(fingerprint(wanted), "utf-8")
    return prepare_more(wanted)


def prepare_more(wanted: str) -> int:
    """What a set needs that is no Python package; always returns 0."""
    if wanted == "bench":
        prepare_node()
    return 0


def prepare_node() -> None:
    """The packages of the bench's peer in Node, where there is one; else the bench goes without that peer."""
    lock_files = [ROOT / "bench" / "peers" / "fastify_app" / name for name in ("package.json", "package-lock.json")]
    folder, content = VENV / "fastify", b"".join(path.read_bytes() for path in lock_files)
    done, wanted = folder / ".pret", hashlib.sha256(content).hexdigest()
    if done.exists() and done.read_text("utf-8") == wanted:
        return
    if not (shutil.which("node") and shutil.which("npm")):
        print(NO_NODE.format(reason="Node et npm ne sont pas installés"), file=sys.stderr)
        return
    done.unlink(missing_ok=True)
    print("Installation des paquets Node de la comparaison (quelques minutes)…", flush=True)
    folder.mkdir(exist_ok=True)
    try:
        for path in lock_files:
            shutil.copy(path, folder)
        run("npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", "--silent")
    except (OSError, subprocess.CalledProcessError) as error:
        print(NO_NODE.format(reason=f"l’installation s’est arrêtée ({error})"), file=sys.stderr)
        return
    done.write_text(wanted, "utf-8")


def prepare_card() -> int:
    """Install the card's packages over the « dev » set if this machine can; always returns 0."""
    try:
        install_card_packages()
        if not is_ready(CARD):
            print(f"Installation de l’environnement « {CARD} » dans .venv…", flush=True)
            run(*pip_install(), "--require-hashes", "-r", pins(CARD))
            stamp(CARD).write_text(fingerprint(CARD), "utf-8")
    except (OSError, subprocess.CalledProcessError) as error:
        print(NO_CARD.format(reason=f"l’installation s’est arrêtée ({error})"), file=sys.stderr)
    return 0


def prepare_scan() -> int:
    """Make the scanners' own environment, and the observatory's beside it; returns the exit code."""
    done, locks = SCAN_VENV / ".pret", (pins(SCAN), ROOT / "scan" / "observatory" / "package-lock.json")
    print_of_pins = hashlib.sha256(b"".join(path.read_bytes() for path in locks) + sys.version.encode()).hexdigest()
    try:
        install_packages([package for program, package in SCAN_PACKAGES.items()
                          if not shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")])
        if done.exists() and done.read_text("utf-8") == print_of_pins:
            return 0
        print("Installation de l’environnement « scan » dans .venv-scan…", flush=True)
        python, shared = SCAN_VENV / "bin" / "python", SCAN_VENV / "observatory"
        make_venv(SCAN_VENV)
        run(*pip_install(python), "--require-hashes", "-r", pins(SCAN))
        shutil.copytree(ROOT / "scan" / "observatory", shared, dirs_exist_ok=True)
        run("npm", "ci", "--prefix", shared, "--ignore-scripts", "--silent")
        # A list that its installation would fetch; of names that this machine is not.
        conf = shared / "node_modules" / "@mdn" / "mdn-http-observatory" / "conf"
        conf.mkdir(exist_ok=True)
        (conf / "hsts-preload.json").write_text("{}", "utf-8")
    except (OSError, subprocess.CalledProcessError) as error:
        return fail(f"L’installation s’est arrêtée ({error}). Vérifiez l’accès aux dépôts de paquets.")
    done.write_text(print_of_pins, "utf-8")
    return 0


def install_card_packages() -> None:
    """Debian's packages of the stack, when root; elsewhere the machine is taken as it is."""
    missing = [name for name, shown in CARD_PACKAGES.items() if not Path(shown).exists()]
    # Debian's own Python comes without the headers that an extension is built with.
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        missing.append(f"python3.{sys.version_info.minor}-dev")
    install_packages(missing)


def install_packages(missing: list[str]) -> None:
    """Install Debian packages when root; elsewhere the machine is taken as it is."""
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installation de {', '.join(missing)}…", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run("apt-get", "update", "-qq", silent=True)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, silent=True)


def is_ready(wanted: str) -> bool:
    """True when this set, or one that holds it, is installed with the present pins."""
    order = list(SETS)
    larger = order[order.index(wanted):] if wanted in SETS else [wanted]
    return PYTHON.exists() and any(
        stamp(name).exists() and stamp(name).read_text("utf-8") == fingerprint(name) for name in larger)


def stamp(name: str) -> Path:
    return VENV / f".pret-{name}"


def pins(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def fingerprint(name: str) -> str:
    content = b"".join(path.read_bytes() for path in (pins(name), ROOT / "pyproject.toml"))
    return hashlib.sha256(content + str(ROOT).encode() + sys.version.encode()).hexdigest()


def make_venv(folder: Path | None = None) -> None:
    folder = folder or VENV
    if (folder / "bin" / "python").exists():
        return
    if shutil.which("uv"):
        run("uv", "venv", "--quiet", "--python", sys.executable, folder)
        return
    if run(sys.executable, "-c", "import ensurepip, venv", check=False, quiet=True):
        install_debian_venv()
    run(sys.executable, "-m", "venv", folder)


def install_debian_venv() -> None:
    """Bare Debian ships Python without ensurepip: install it when root, else say what to do."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(fail(NO_ENSUREPIP))
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)


def install(name: str) -> None:
    """Install the pins with their hashes, then the project itself as it stands in this folder."""
    run(*pip_install(), "--require-hashes", "-r", pins(name))
    run(*pip_install(), "--no-deps", "--editable", ROOT)


def pip_install(python: Path = PYTHON) -> tuple[object, ...]:
    """The command that installs into the environment."""
    if shutil.which("uv"):
        return "uv", "pip", "install", "--quiet", "--python", python
    return python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"


def lock() -> int:
    """Write requirements/*.txt: every version and hash, for every platform."""
    if not shutil.which("uv"):
        return fail("« make lock » a besoin de uv (pip install uv).")
    pins("run").parent.mkdir(exist_ok=True)
    for name, extras in SETS.items():
        compile_pins(name, extras)
    # The same versions as the tests run with: it is installed over them.
    compile_pins(CARD, CARD_EXTRAS, "--constraint", pins("dev"))
    run("uv", *COMPILE, "--constraint", pins("dev"), "-o", pins(DEPLOY), "--group", "pyproject.toml:deploy")
    run("uv", *COMPILE, "-o", pins(SCAN), "--group", "pyproject.toml:scan")
    return 0


def compile_pins(name: str, extras: tuple[str, ...], *options: object) -> None:
    """Write one file of pins."""
    chosen = [part for extra in extras for part in ("--extra", extra)]
    run("uv", *COMPILE, *chosen, *options, "-o", pins(name), "pyproject.toml")


def run(*command: object, check: bool = True, quiet: bool = False, silent: bool = False) -> int:
    return subprocess.run(
        [str(part) for part in command], check=check, cwd=ROOT, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if silent else None, stderr=subprocess.DEVNULL if quiet else None,
    ).returncode


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())

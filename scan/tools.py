"""Other people's scanners, each with a bound on its time: wapiti, Mozilla's observatory, testssl.sh, sqlmap, atheris.

Each gives findings: what it complains of, in one line. ``scan/known.toml`` explains those that stay.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scan.portal import Attacked
from scan.requests import Target
from tests.support.nginx import Proxy

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv-scan" / "bin"
NODE = ROOT / ".venv-scan" / "observatory"
OBSERVATORY = "node_modules/.bin/mdn-http-observatory-scan"
# Left out: nikto, wapp, cms, htp, network_device (they fetch their lists), ssrf, xxe, log4shell, spring4shell (they
# need a server of their authors to be called back on), takeover (asks a name server), ssl (testssl.sh does it).
MODULES = ("backup,brute_login_form,buster,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,https_redirect,"
           "ldap,methods,permanentxss,redirect,shellshock,sql,timesql,upload,xss")
LEFT_OUT = ("/connexion/quitter", "/compte/sessions", "/demonstration/acteurs")


@dataclass
class Result:
    """One tool's run."""

    name: str
    figures: str = ""
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Stopwatch:
    """Writes a result's seconds."""

    def __init__(self, result: Result) -> None:
        self.result = result

    def __enter__(self) -> Result:
        self.begun = time.monotonic()
        return self.result

    def __exit__(self, *_: object) -> None:
        self.result.seconds = time.monotonic() - self.begun


def run(command: Iterable[object], seconds: float, folder: Path, **environ: str) -> tuple[int, str]:
    """A program's code and words; the code is 124 when it was stopped for being too long."""
    names = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | environ
    try:
        done = subprocess.run([str(part) for part in command], cwd=folder, env=names, timeout=seconds, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
    except subprocess.TimeoutExpired as late:
        words = late.stdout or b""
        return 124, words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return done.returncode, done.stdout


def missing() -> list[str]:
    """What has to be installed first, a line each."""
    wanted = {"wapiti": VENV / "wapiti", "observatory": NODE / OBSERVATORY}
    found = [f"{name}: python tools/prepare.py scan" for name, path in wanted.items() if not path.exists()]
    return found + [f"{name}: apt-get install {package}" for name, package in (
        ("testssl", "testssl.sh"), ("sqlmap", "sqlmap"), ("nginx", "nginx-light"))
        if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]


def wapiti(portal: Attacked, folder: Path, who: str, cookie: str | None, pace: int) -> Result:
    """Crawl for ``pace`` × 6 s, then each module for ``pace`` seconds."""
    report = folder / f"wapiti-{who}.json"
    command: list[object] = [
        VENV / "wapiti", "-u", f"{portal.origin}/{'accueil' if cookie else 'connexion'}", "-m", MODULES, "-S", "normal",
        "--max-scan-time", pace * 6, "--max-attack-time", pace, "--flush-session", "--no-bugreport", "--tasks", 4,
        "--scope", "domain", "-t", 10, "-f", "json", "-o", report, "-H", f"Origin: {portal.origin}",
        "--store-session", folder / f"wapiti-{who}", "--store-config", folder / f"wapiti-{who}"]
    command += ["-C", cookie] if cookie else []
    for path in LEFT_OUT:
        command += ["-x", f"{portal.origin}{path}"]
    with Stopwatch(Result(f"wapiti, {who}")) as result:
        code, words = run(command, pace * 60, folder)
        if code and "database is locked" in words:  # its own, at its start
            code, words = run(command, pace * 60, folder)
        (folder / f"wapiti-{who}.log").write_text(words, "utf-8")
        if code or not report.exists():
            result.findings.append(f"wapiti: ended with {code} and no report" if not report.exists() else
                                   f"wapiti: ended with {code}")
            return result
        read = json.loads(report.read_text("utf-8"))
        for kind in ("vulnerabilities", "anomalies"):
            for name, found in read[kind].items():
                result.findings += [f"wapiti: {name}: {one['method']} {one['path']} {one['parameter']}: {one['info']}"
                                    for one in found]
        result.figures = f"{read['infos']['crawled_pages_nbr']} pages crawled, {len(MODULES.split(','))} modules"
    return result


def observatory(portal: Attacked, folder: Path) -> Result:
    """Mozilla's judgement of the headers, over plain http."""
    with Stopwatch(Result("observatory")) as result:
        port = portal.origin.rpartition(":")[2]
        _, words = run([NODE / OBSERVATORY, f"localhost:{port}"], 60, NODE)
        try:
            read = json.loads(words[words.index("{"):])
        except ValueError:
            result.findings.append("observatory: no report")
            return result
        failed = [name for name, test in read["tests"].items() if not test["pass"]]
        bonus = sum(max(0, test["scoreModifier"]) for test in read["tests"].values())
        result.findings += [f"observatory: {name} fails" for name in failed]
        result.figures = (f"{read['scan']['testsPassed']} of {read['scan']['testsQuantity']} tests pass, "
                          f"bonus {bonus}, score {read['scan']['score']}")
    return result


def testssl(proxy: Proxy, folder: Path, seconds: int) -> Result:
    """Protocols, ciphers, keys, headers and known weaknesses of the nginx sample's TLS."""
    report = folder / "testssl.json"
    report.unlink(missing_ok=True)
    with Stopwatch(Result("testssl.sh")) as result:
        code, words = run(
            ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--connect-timeout", 5,
             "--openssl-timeout", 5, "--ip", "127.0.0.1", "--jsonfile", report, "-p", "-S", "-P", "-s", "-f", "-U",
             "-h", f"localhost:{proxy.ports.https}"], seconds, folder)
        (folder / "testssl.log").write_text(words, "utf-8")
        if code == 124 or not report.exists():
            result.findings.append(f"testssl: ended with {code}")
            return result
        read = json.loads(report.read_text("utf-8"))
        result.findings += [f"testssl: {one['id']} {one['severity']}: {one['finding']}" for one in read
                            if one["severity"] not in ("OK", "INFO", "LOW", "DEBUG")]
        low = sorted({one["id"] for one in read if one["severity"] == "LOW"})
        result.figures = f"{len(read)} checks; LOW: {', '.join(low) or 'none'}"
    return result


def sqlmap(portal: Attacked, targets: list[Target], folder: Path, seconds: int) -> Result:
    """Each parameter of each route, four at a time; what a target may take is bounded too."""
    with Stopwatch(Result("sqlmap")) as result, ThreadPoolExecutor(4) as pool:
        end = time.monotonic() + seconds
        jobs = [pool.submit(_sqlmap_one, portal, target, folder, rank, end) for rank, target in enumerate(targets)]
        ended = [job.result() for job in jobs]
        result.findings = [line for found, _ in ended for line in found]
        tried = [target for target, (_, done) in zip(targets, ended, strict=True) if done]
        result.figures = (f"{len(tried)} of {len(targets)} requests ({sum(one.parameters for one in tried)} of "
                          f"{sum(one.parameters for one in targets)} parameters) of "
                          f"{len({one.route for one in tried})} routes")
        if len(tried) < len(targets):
            result.findings.append(f"sqlmap: {len(targets) - len(tried)} requests not reached in {seconds} s")
    return result


def _sqlmap_one(portal: Attacked, target: Target, folder: Path, rank: int, end: float) -> tuple[list[str], bool]:
    """Findings, and whether it came to it."""
    if time.monotonic() > end:
        return [], False
    url = f"{portal.origin}{target.path}" + (f"?{target.query}" if target.query else "")
    cookie = portal.cookies[1 + rank % (len(portal.cookies) - 1)]
    command: list[object] = [
        "sqlmap", "-u", url, "--cookie", cookie, "--headers", f"Origin: {portal.origin}", "--batch", "--level", 1,
        "--risk", 1, "--technique", "BE", "--disable-coloring", "--flush-session", "--timeout", 10, "--retries", 0,
        "--skip", "_csrf", "--skip-waf", "--output-dir", folder / f"sqlmap-{rank}", "--answers", "redirect=N,reduce=Y"]
    command += ["--data", target.body] if target.body is not None else []
    # Names in a query are tried in full. Forms have hundreds of fields, and an address takes numbers and known words:
    # what shows no sign of a database there is left after a look at each.
    command += [] if target.query else ["--smart"]
    code, words = run(command, min(40.0, max(5.0, end - time.monotonic())), folder)
    shutil.rmtree(folder / f"sqlmap-{rank}", ignore_errors=True)
    bad = [line for line in words.splitlines() if re.search(r"is vulnerable|identified the following injection", line)]
    return [f"sqlmap: {target.route}: {line.strip()}" for line in bad], code != 124


def fuzz(names: list[str], folder: Path, seconds: int) -> list[Result]:
    """Each parser under atheris for so many seconds, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda name: _fuzz_one(name, folder, seconds), names))


def _fuzz_one(name: str, folder: Path, seconds: int) -> Result:
    packages = sysconfig.get_path("purelib")
    with Stopwatch(Result(f"atheris, {name}")) as result:
        code, words = run([VENV / "python", "-m", "scan.fuzz", name, seconds, folder], seconds + 120, folder,
                          PYTHONPATH=f"{ROOT}:{packages}", PYTHONDONTWRITEBYTECODE="1")
        (folder / f"{name}.log").write_text(words, "utf-8")
        runs = [line.split()[-1] for line in words.splitlines() if "number_of_executed_units" in line]
        result.figures = f"{int(runs[-1]):,} runs" if runs else "no runs"
        if code:
            raised = [line for line in words.splitlines() if "Error" in line and not line.startswith((" ", "="))]
            result.findings.append(f"atheris: {name}: code {code}: {(raised or ['see its log'])[0]}")
    return result


def python() -> str:
    """The interpreter in use, for the report."""
    return sys.version.split()[0]

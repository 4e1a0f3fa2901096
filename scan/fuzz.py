"""One parser under a coverage-guided fuzzer: ``python -m scan.fuzz card-tlv 10 folder`` (target, seconds, folder).

Runs in the environment of the scanners (``.venv-scan``), which has atheris; the portal and what it needs are found in
``.venv`` by PYTHONPATH. Ends by itself after that many seconds; an exception that the parser does not declare, ten
seconds on one input, or a gigabyte ends it with a code other than 0, its input left in the folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

SLOW_SECONDS, MEGABYTES, LONGEST = 10, 1024, 8192


def main() -> None:
    """Fuzz one target; does not return."""
    name, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    with atheris.instrument_imports(include=["portal", "starlette.formparsers", "python_multipart"]):
        from scan import targets
    targets.quiet()
    target = targets.named(name)
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for rank, seed in enumerate(target.seeds()):
        (corpus / f"seed-{rank}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-timeout={SLOW_SECONDS}", f"-rss_limit_mb={MEGABYTES}",
               f"-max_len={LONGEST}", f"-artifact_prefix={folder}/{name}-", "-print_final_stats=1", "-seed=8"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

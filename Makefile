# Two commands are enough: `make run` and `make test`. `make` alone lists the others.
PYTHON ?= python3
VENV := .venv/bin
export PYTHONPATH := .

.DEFAULT_GOAL := help
.PHONY: help setup run test check unit unit-pg e2e e2e-pg postgresql reel crash deploy scan dist guide aide bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run:  ## start the demonstration: portal, help and card agent (PORT=8000)
	@$(PYTHON) tools/prepare.py run
	@$(VENV)/portal demo

test: setup check unit e2e reel  ## checks, unit, pages, browser, smart card, a short crash run (.ci/run: PostgreSQL too)
	@$(MAKE) crash ARGS=--rapide

setup:  ## install what the tests need, and find a browser
	@$(PYTHON) tools/prepare.py dev
	@$(PYTHON) tools/prepare.py carte
	@$(VENV)/python tools/browser.py

check:  ## style, types, layers
	@$(PYTHON) tools/prepare.py dev
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports --no-cache

unit:  ## unit and page tests, and the rules of the house (ARGS=…)
	@$(PYTHON) tools/prepare.py dev
	$(VENV)/python -m pytest tests --ignore tests/e2e --ignore tests/reel --ignore tests/crash --ignore tests/deploy --numprocesses auto $(ARGS)

unit-pg:  ## those of a database on a PostgreSQL that it starts itself (apt-get install postgresql; ARGS=…)
	@$(PYTHON) tools/prepare.py dev
	PORTAL_TEST_DATABASE=postgresql $(VENV)/python -m pytest $(if $(filter tests/%,$(ARGS)),,tests/unit tests/pages tests/acces) --numprocesses auto $(ARGS)

# What the browser walks on PostgreSQL at each run; « make e2e-pg » walks the whole guide.
PG_WALKS := tests/e2e/guide/test_premiere_connexion.py tests/e2e/guide/test_volets.py tests/e2e/guide/test_demandes.py

postgresql:  ## unit-pg and a part of e2e-pg where PostgreSQL is installed; says so where it is not
	@if ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then \
		$(MAKE) unit-pg && $(MAKE) e2e-pg ARGS="$(PG_WALKS)"; \
	else echo "Les tests sur PostgreSQL ne sont pas faits : installez-le (sur Debian : apt-get install postgresql)."; fi

e2e-pg:  ## walk the guide in a real browser on PostgreSQL (ARGS=…)
	@$(PYTHON) tools/prepare.py dev
	PORTAL_TEST_DATABASE=postgresql $(VENV)/python -m pytest $(if $(filter tests/%,$(ARGS)),,tests/e2e/guide) --numprocesses 2 --dist loadfile $(ARGS)

e2e:  ## walk the guide in a real browser (ARGS=…); report in var/e2e/rapport
	@$(PYTHON) tools/prepare.py dev
	$(VENV)/python -m pytest $(if $(filter tests/%,$(ARGS)),,tests/e2e) --numprocesses 2 --dist loadfile $(ARGS)

reel:  ## log in through pcscd with a virtual card, judged by OpenSC (ARGS=…)
	@$(PYTHON) tools/prepare.py dev
	@$(PYTHON) tools/prepare.py carte
	$(VENV)/python -m pytest tests/reel $(ARGS)

crash:  ## kill portals, cut the power, fill disks; figures in var/crash/rapport.md (ARGS=--rapide: a minute)
	@$(PYTHON) tools/prepare.py dev
	$(VENV)/python -m pytest tests/crash $(ARGS)

dist:  ## build the wheel in dist/, with the built help in it
	@$(PYTHON) tools/prepare.py dev
	@$(PYTHON) tools/prepare.py deploy
	PORTAL_DATA=build $(VENV)/portal aide
	$(VENV)/hatchling build -t wheel -d dist

deploy:  ## start the portal behind nginx and Caddy (apt-get install nginx-light caddy), as a wheel, as a unit (ARGS=…)
	@$(PYTHON) tools/prepare.py dev
	@$(PYTHON) tools/prepare.py deploy
	$(VENV)/python -m pytest tests/deploy $(ARGS)

scan:  ## attack the portal with other people's scanners, hostile clients and fuzzers; report in var/scan/rapport.md (ARGS=…)
	@$(PYTHON) tools/prepare.py dev
	@$(PYTHON) tools/prepare.py scan
	$(VENV)/python -m scan $(ARGS)

guide:  ## rewrite the guide’s pictures that changed, from the browser scenarios (ARGS=…)
	@$(PYTHON) tools/prepare.py dev
	PORTAL_GUIDE=1 $(VENV)/python -m pytest tests/e2e/guide --numprocesses 2 --dist loadfile $(ARGS)

aide:  ## build the help site
	@$(PYTHON) tools/prepare.py run
	@$(VENV)/portal aide

bench:  ## measure the portal beside its peers; report in var/bench/rapport.md (a quarter of an hour; ARGS=--quick)
	@$(PYTHON) tools/prepare.py bench
	$(VENV)/python -m bench $(ARGS)

lock:  ## pin again the versions of requirements/*.txt
	@$(PYTHON) tools/prepare.py lock

clean:  ## remove what was installed and the demonstration's data
	rm -rf .venv .venv-scan var build dist

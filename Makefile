# Two commands: `make demo` and `make test`. uv is used where it is installed, venv and pip where not.
PYTHON ?= python3
SERVE ?= 1
# Processes that the tests are divided among, a file to each: one more than two cores, since some wait for a server.
WORKERS ?= 3
BIN := .venv/bin

# The certificates of the system, for those behind a proxy of their own.
export UV_SYSTEM_CERTS ?= 1
export UV_NATIVE_TLS ?= 1

.PHONY: demo test test-random bench mutants kills clients docs package services resolver vendor diagram lint audit sbom lock clean

demo: .venv/ready
	@$(BIN)/clirld demo $(if $(filter 0,$(SERVE)),--no-serve)

test: .venv/ready .venv-oracle/ready .venv-docs/ready lint
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Property tests with examples that no run has seen; `make test` takes the same ones each time.
test-random: .venv/ready
	$(BIN)/pytest -n $(WORKERS) -m hypothesis --hypothesis-profile=random

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready .venv-oracle/ready
	$(BIN)/python -m bench

# Not in every run: it takes some ten minutes.
mutants: .venv/ready
	$(BIN)/python -m tests.mutants

# Not in every run: 200 runs that are killed, and a whole one after each.
kills: .venv/ready
	$(BIN)/python -m tests.kills

# What is known of the locked versions: asks the network, so it is no part of `make test`.
audit: .venv-audit/ready
	@.venv-audit/bin/python -c 'from urllib.request import urlopen; urlopen("https://pypi.org/pypi/pip/25.0/json", timeout=20)' \
	  2>/dev/null || { echo "pypi.org does not say what is known of a version: nothing was audited" >&2; exit 1; }
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.txt

# Clients of others, on a release of the samples: not in every run, since what they need takes half a gigabyte.
clients: .venv/ready .venv-clients/ready
	@command -v npm >/dev/null && mkdir -p .clients && npm install --silent --no-audit --no-fund --prefix .clients @comunica/query-sparql@4.4.1 ldes-client@0.3.0 n3 axe-core@4.14.1 puppeteer-core@25.16.0 \
	  || echo "no npm: what it would install is left out" >&2
	$(BIN)/clirld demo --no-serve --json --data .clients/demo >/dev/null
	$(BIN)/python -m tests.clients .clients/demo

# What judgements come to by nomenklatura: not in every run, since what it needs is compiled (C++, headers of ICU) for
# minutes. Its answers are stored; with its environment, the tests ask it again.
resolver: .venv-resolver/ready
	.venv-resolver/bin/python -m tests.link.judgements.graphs > tests/link/judgements/resolver.txt

# The documentation as a site, in French and English; every link between its pages is checked. Served under /docs.
docs: .venv-docs/ready
	.venv-docs/bin/python docs/site/build.py src/clirld/web/documentation/site

# The package as it would go out: built, its metadata and contents looked at, then installed and used away from here.
package: .venv/ready .venv-package/ready docs
	rm -rf dist
	.venv-package/bin/python -m build --no-isolation
	.venv-package/bin/twine check --strict dist/*
	.venv-package/bin/check-wheel-contents dist/*.whl
	$(BIN)/python -m tests.package dist

# What compose.yaml starts, without containers: not in every run, it takes a minute of a processor. PostgreSQL is Debian's.
services: .venv/ready
	CLIRLD_TEST_SERVICES=1 $(BIN)/pytest tests/deploy/test_services.py

# What the pages load that others wrote, from npm again, with its hashes checked: src/clirld/web/static/vendored.yaml.
vendor: .venv/ready
	$(BIN)/python docs/vendor.py

# The diagram of the ontology, by Graphviz (Debian's): ontology/diagram.*.svg. After a change of the mapping or of labels.
diagram: .venv/ready
	$(BIN)/python docs/ontology_diagram.py

sbom: .venv/ready
	$(BIN)/python docs/sbom.py

.venv/ready: requirements.txt pyproject.toml
	$(call environment,.venv,requirements.txt)
	$(call install,.venv,--no-deps -e .)
	@touch $@

# Oracles of the tests: the RML engine pins packages that the project cannot use, scikit-learn is large, and
# sssom-pydantic is there to read what others must be able to read.
.venv-oracle/ready: requirements-oracle.txt
	$(call environment,.venv-oracle,requirements-oracle.txt)
	@touch $@

.venv-resolver/ready: requirements-resolver.txt
	$(call environment,.venv-resolver,requirements-resolver.txt)
	@touch $@

.venv-audit/ready: requirements-audit.txt
	$(call environment,.venv-audit,requirements-audit.txt)
	@touch $@

.venv-package/ready: requirements-package.txt
	$(call environment,.venv-package,requirements-package.txt)
	@touch $@

.venv-docs/ready: requirements-docs.txt
	$(call environment,.venv-docs,requirements-docs.txt)
	@touch $@

.venv-clients/ready: requirements-clients.txt
	$(call environment,.venv-clients,requirements-clients.txt)
	@touch $@

define environment
	@command -v uv >/dev/null && uv venv -q --clear --python $(PYTHON) $(1) || { rm -rf $(1) && $(PYTHON) -m venv $(1); }
	$(call install,$(1),--require-hashes -r $(2))
endef

define install
	@if command -v uv >/dev/null; then uv pip install -q --python $(1)/bin/python $(2); \
	else $(1)/bin/python -m pip install -q --disable-pip-version-check $(2); fi
endef

# After a change of dependencies in pyproject.toml.
LOCK := uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-annotate --generate-hashes
lock:
	$(LOCK) --all-extras --group dev pyproject.toml -o requirements.txt
	printf '%s\n' 'morph-kgc==2.10.0' 'scikit-learn' 'sssom-pydantic' | $(LOCK) - -o requirements-oracle.txt
	echo 'nomenklatura==4.17.4' | $(LOCK) - -o requirements-resolver.txt
	$(LOCK) --all-extras -c requirements.txt pyproject.toml -o requirements-server.txt
	printf '%s\n' 'build' 'check-wheel-contents' 'hatchling>=1.28' 'twine' | $(LOCK) - -o requirements-package.txt
	printf '%s\n' 'sphinx>=9' 'myst-parser>=5' | $(LOCK) - -o requirements-docs.txt
	echo 'pip-audit==2.10.1' | $(LOCK) - -o requirements-audit.txt
	printf '%s\n' 'udata==17.18.0' 'mongomock' 'phonenumbers' 'frictionless' 'csvw' 'rocrate' 'duckdb==1.5.5' 'duckdb-extensions' 'duckdb-extension-httpfs==1.5.5' 'matplotlib' 'networkx' 'polars' | $(LOCK) - -o requirements-clients.txt
	$(PYTHON) docs/sbom.py

clean:
	rm -rf .venv .venv-oracle .venv-resolver .venv-audit .venv-package .venv-docs .venv-clients .clients data/demo dist .mypy_cache .ruff_cache .pytest_cache

# khoso: what can be done here.  `make` alone prints this list.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
# Debian's own, not whatever stands first on the PATH: what the lock files and the tests hold for.
PYTHON3 ?= /usr/bin/python3
PACKAGES := tesseract-ocr tesseract-ocr-vie tesseract-ocr-script-viet hunspell-vi fonts-liberation2 python3-venv
TEST_PACKAGES := poppler-utils redis-server softhsm2 default-jdk-headless maven strace
T ?= tests
export KHOSO_HOME ?= khoso-data

.PHONY: help setup run test test-long test-bare check lint format bench bench-recognition bench-context bench-signing bench-judges bench-outside bench-search bench-questions bench-blank bench-values bench-quality elasticsearch docs messages lock

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup: .venv/.packages .venv/.done ## install what is needed: Debian packages that are missing, then .venv

.venv/.packages: Makefile
	@deploy/packages $(PACKAGES)
	@mkdir -p .venv && touch $@

.venv/.done: requirements.txt .venv/.packages
	@deploy/python $(PYTHON3)
	$(PYTHON3) -m venv --clear .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@du -sm .venv | sed -E 's/\s.*/ MB in .venv/'
	@touch .venv/.packages $@

.venv/.dev: requirements-dev.txt tests/judges/jars.sha256 .venv/.done
	@deploy/packages $(TEST_PACKAGES)
	@tests/judges/install
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: setup ## draw the samples, digitise them, show what came out
	@$(PYTHON) -m samples build/samples
	./run_pipeline.py ingest build/samples
	./run_pipeline.py search giay khai sinh

test: .venv/.dev ## run the tests; `make test T=tests/domain/test_codes.py` runs one file
	$(PYTHON) -m pytest -m "not long" $(T)

test-long: .venv/.dev ## run the tests that take minutes
	$(PYTHON) -m pytest -m long $(T)

test-bare: ## root, debootstrap: both README commands on a bare Debian 12 and 13, as root and as another user
	deploy/bare bookworm trixie

check: lint test ## everything a commit must pass

lint: .venv/.dev ## format, lint, types, import rule
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

format: .venv/.dev ## put the code into its form
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: .venv/.dev ## measure: CPU seconds of every stage on the samples
	$(PYTHON) -m benchmarks.stages

bench-recognition: .venv/.dev ## measure: recognition on scans with their truth, against stock OCRmyPDF (SCANS=FOLDER)
	@deploy/packages ghostscript # stock OCRmyPDF needs it
	$(PYTHON) -m benchmarks.recognition --scans $(SCANS) --against ocrmypdf

bench-context: .venv/.dev ## measure: what the neighbours of words bring to recognition, on scans with their truth (SCANS=FOLDER)
	@test -n "$(SCANS)" || { echo "make bench-context SCANS=FOLDER" >&2; exit 2; }
	$(PYTHON) -m benchmarks.context --scans $(SCANS)

bench-signing: .venv/.dev ## measure: every level and kind of key, against pyHanko
	$(PYTHON) -m benchmarks.signing

bench-judges: .venv/.dev ## print what khoso, pdfsig, pyHanko and EU DSS say of every kind of signed file
	$(PYTHON) -m benchmarks.judges

bench-outside: .venv/.dev ## print what a batch does while each party outside is in each kind of trouble (half an hour)
	$(PYTHON) -m benchmarks.outside

bench-blank: .venv/.dev ## measure: which of N drawn pages are left out as blank (N=2000)
	$(PYTHON) -m benchmarks.blank $(or $(N),2000)

bench-values: .venv/.dev ## measure: how many values that are given without doubt are wrong, on N drawn papers a kind (N=40)
	$(PYTHON) -m benchmarks.values $(or $(N),40)

bench-quality: .venv/.dev ## measure: how often the sampling plans accept a lot, exactly and over N drawn lots (N=1000)
	$(PYTHON) -m benchmarks.quality $(or $(N),1000)

bench-questions: .venv/.dev ## measure: how many judged questions are answered right, by kind, beside an older checkout (FORMER=FOLDER)
	$(PYTHON) -m benchmarks.questions $(if $(ELASTICSEARCH_URL),--elasticsearch $(ELASTICSEARCH_URL)) $(if $(FORMER),--former $(FORMER))

bench-search: .venv/.dev ## measure: search over N generated documents, against SQLite FTS5 (N=1000000)
	$(PYTHON) -m benchmarks.search $(or $(N),100000)

elasticsearch: .venv/.dev ## run a real Elasticsearch node on loopback until Ctrl-C, to try things out
	$(PYTHON) -m tests.support.elastic_node

LOCK = .venv/bin/uv pip compile --quiet --system-certs --universal --python-version 3.11.2 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --strip-extras --custom-compile-command "make lock"

docs: .venv/.dev ## write docs/settings.md from the settings
	@mkdir -p build
	$(PYTHON) -m config.describe > build/settings.md
	mv build/settings.md docs/settings.md

messages: .venv/.dev ## compile the catalogues of messages
	.venv/bin/pybabel --quiet compile --directory domain/messages/locale --domain khoso
	.venv/bin/pybabel --quiet compile --directory cli/locale --domain commands

lock: .venv/.dev ## pin the requirements anew, for every Python from Debian 12's on and every processor
	$(LOCK) -o requirements.txt requirements.in
	$(LOCK) -o requirements-dev.txt requirements-dev.in

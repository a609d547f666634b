# Two commands: `make demo` and `make test`. Both make .venv first if it is missing. `make test-all` adds what takes long.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Bundled models need no hub; these keep libraries from looking for one.
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: demo test test-all lint bench fuzz clean

$(READY): constraints.txt pyproject.toml
	$(PYTHON) -c "import sys; assert (3, 10) <= sys.version_info < (3, 14), 'scenesign needs Python 3.10-3.13; set PYTHON=...'"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	# torch first and exactly: a looser request pulls gigabytes of CUDA packages
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt torch
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt -e '.[dev]'
	touch $@

demo: $(READY)
	$(BIN)/scenesign build examples/library -o out/demo --license apache-2.0 --concepts float16 --overwrite

# Each worker holds an embedder and 2 GB.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

test: $(READY)
	$(PYTEST) -m 'not slow'

test-all: $(READY)
	$(PYTEST)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt -e '.[bench]'
	@for b in benchmarks/*.py; do echo "== $$b"; \
		case $$b in *convergence.py) quick=--quick;; *) quick=;; esac; \
		$(BIN)/python $$b $$quick || exit 1; done

# Coverage-guided fuzzing of every reader, SECONDS each; needs a wheel of atheris for this machine.
SECONDS ?= 60
fuzz: $(READY)
	@$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt atheris 2>/dev/null || true
	@for name in a.txt cp1251.txt gb.txt a.md a.html a.epub a.fb2 a.jsonl a.parquet a.zip a.txt.gz; do \
		$(BIN)/python -m tests.hostile.fuzz $$name --seconds $(SECONDS) || exit 1; done

clean:
	rm -rf $(VENV) out build dist *.egg-info

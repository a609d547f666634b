# Two commands: `make demo` and `make test`. Both make .venv first if it is missing. `make test-all` adds what takes long.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
TOOLS  := $(VENV)/.tools
# Another program may install, into .venv: make demo INSTALL='uv pip install -q --torch-backend cpu'
# An environment that uv made has no pip until it is asked for.
PIP := $(BIN)/python -m pip
INSTALL ?= { $(PIP) -V || $(BIN)/python -m ensurepip; } >/dev/null 2>&1; $(PIP) install --disable-pip-version-check -q
# It is .venv that is installed into, whatever environment the shell is in.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
# Bundled models need no hub; these keep libraries from looking for one.
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: asked demo figures notebooks script fonts test test-all prism image javascript viewer lint docs bench fuzz template lock \
	matrix package weight clean

promised = -c "import sys; (3, 10) <= sys.version_info < (3, 15) or sys.exit('scenesign needs Python 3.10-3.14; $(1)')"
$(VENV)/.made:
	@$(PYTHON) $(call promised,$(PYTHON) is another: set PYTHON=...)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(call promised,$(VENV) is of another: remove it)
	touch $@

# Who asks for a Python gets it, or hears why not.
asked:
ifneq ($(origin PYTHON),file)
	@test ! -x $(BIN)/python || test "$$($(PYTHON) -V)" = "$$($(BIN)/python -V)" || \
		{ echo "$(VENV) is of $$($(BIN)/python -V) and not of $(PYTHON); remove it to make another" >&2; exit 1; }
endif

# What a user needs, and no more.
$(READY): $(VENV)/.made constraints.txt pyproject.toml | asked
	$(INSTALL) -c constraints.txt -e .
	touch $@

# What tests, style and types need beside it.
$(TOOLS): $(VENV)/.made constraints.txt pyproject.toml | asked
	$(INSTALL) -c constraints.txt -e '.[dev]'
	touch $(READY) $@

demo: $(READY)
	$(BIN)/scenesign build examples/library -o out/demo --license apache-2.0 --concepts float16 --overwrite
	@echo "now: source $(VENV)/bin/activate (once in each terminal); make figures puts this demo's figures into the documents"

figures: demo
	$(BIN)/python benchmarks/demo.py out/demo --write

# Runs the notebooks in examples/ and writes what they print into them.
notebooks: $(TOOLS)
	$(BIN)/python examples/run_notebooks.py

# The script that ships, from a folder of archives of texts with `manifest.tsv`. Embedding takes minutes, once: finished
# books stay in CACHE. Whatever changes texts, scenes or vectors ends with this.
LIBRARY ?= ../shared/library
CACHE   ?= out/script
script: $(READY)
	$(BIN)/python -m scenesign.pipeline.script.make $(LIBRARY) --cache $(CACHE) $(if $(LEAVE_OUT),--leave-out $(LEAVE_OUT)) $(if $(OUT),--out $(OUT))

# The font of the report's page, from the one that Debian's fonts-noto-cjk brings.
NOTO ?= /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
fonts: $(READY)
	$(BIN)/python -m scenesign.pipeline.report.make_font $(NOTO)

# Each worker holds an embedder and 2 GB; how many there are, and in which order files go, says tests/conftest.py.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test: $(TOOLS)
	$(PYTEST) -m 'not slow'

test-all: $(TOOLS)
	$(PYTEST)

# Beam's own portable runner in Go, at the version of Beam, for the tests of engines; the last line is where it is.
BEAM  = $(shell sed -n 's/^apache-beam==//p' constraints.txt)
PRISM := github.com/apache/beam/sdks/v2/go/cmd/prism
prism:
	@command -v go >/dev/null || { echo "make prism: Prism is built with Go, and there is no go on the path" >&2; exit 1; }
	@bin=$$(go env GOBIN); gopath=$$(go env GOPATH); bin=$${bin:-$${gopath%%:*}/bin}; \
	for prism in "$$SCENESIGN_PRISM" "$$(command -v prism)" "$$bin/prism"; do \
		go version -m "$$prism" 2>/dev/null | grep -Eq "sdks/v2[[:space:]]+v$(BEAM)([[:space:]]|$$)" && break; \
	done || { echo "make prism: building Prism $(BEAM), some minutes" >&2; \
		go install $(PRISM)@v$(BEAM) || { echo "make prism: Prism $(BEAM) can't be built; Go says why above" >&2; exit 1; }; }; \
	echo "$$prism"

# Builds the images from the Dockerfile and has containers do jobs; docs/image.md says what it takes. A quarter of an hour.
# make image KEEP=1 leaves the images, and the next one builds only what is new.
image: $(TOOLS)
	$(BIN)/python benchmarks/image.py check $(if $(KEEP),--keep)

# Readers in JavaScript, for the tests of docs/tools.md. Nothing of a package is run when it is installed.
javascript:
	cd tests/tools && npm install --ignore-scripts --no-package-lock --no-audit --no-fund --silent --fetch-retries=1

# The server of embedding-atlas without what embeds and projects, which our tables don't ask for: 110 MB beside the
# packages of .venv, for the test that opens an atlas.
viewer: $(TOOLS)
	$(PIP) install --disable-pip-version-check -q --no-deps --upgrade --target $(VENV)/viewer -r tests/tools/viewer.txt

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# what only POSIX has is found by the second, wherever this runs
	$(BIN)/mypy & $(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32; there=$$?; wait $$! && exit $$there

docs: $(TOOLS)
	$(INSTALL) -c constraints.txt -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict -q
	@echo "the site: site/index.html"

bench: $(TOOLS)
	$(INSTALL) -c constraints.txt -e '.[bench]'
	@for b in benchmarks/*.py; do echo "== $$b"; \
		case $$b in *convergence.py) quick=--quick;; *) quick=;; esac; \
		$(BIN)/python $$b $$quick || exit 1; done

# Coverage-guided fuzzing of every reader, SECONDS each; needs a wheel of atheris for this machine.
SECONDS ?= 60
fuzz: $(TOOLS)
	@$(INSTALL) -c constraints.txt -e '.[fuzz]' 2>/dev/null || true
	@for name in $$($(BIN)/python -m tests.hostile.fuzz list); do \
		$(BIN)/python -m tests.hostile.fuzz $$name --seconds $(SECONDS) || exit 1; done

# The form of the Dataflow template, from the table of options.
template: $(READY)
	$(BIN)/python -m scenesign.pipeline.options.template_form > dataflow/metadata.json

# Exact versions for every promised Python and platform at once; those that are still right stay as they are.
# make lock UPGRADE=1 takes the newest of all.
PROMISED = $(shell sed -n 's/^requires-python = "\(.*\)"/\1/p' pyproject.toml)
lock: $(TOOLS)
	$(BIN)/uv pip compile -q --universal --python-version $(shell echo '$(PROMISED)' | sed 's/^>=//; s/,.*//') --all-extras \
		--no-emit-index-url --no-annotate --custom-compile-command 'make lock, for Python $(PROMISED)' \
		$(if $(UPGRADE),--upgrade) pyproject.toml -o constraints.txt

# Installs with the lock on every promised Python that is here, with the demo and the suite: same data files on all?
# make matrix MATRIX='--only oldest,newest --no-suite'; with --write the table goes into docs/install.md.
matrix: $(TOOLS)
	$(BIN)/python benchmarks/installs.py matrix $(MATRIX)

# Wheel and source archive, without the lock: at the newest and the lowest versions they make the demo's data files.
package: $(TOOLS) demo
	$(BIN)/python benchmarks/installs.py package --equal-to out/demo

# Bytes of the main job, of each extra and of what is CUDA's; WEIGHT=--write puts them there too.
weight: $(TOOLS)
	$(BIN)/python benchmarks/installs.py weight $(WEIGHT)

clean:
	rm -rf $(VENV) out site build dist *.egg-info

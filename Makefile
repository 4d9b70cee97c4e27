# Two commands on a fresh machine: `make demo` and `make test`. Needs Python 3.11+, make and the
# package registries; everything lands in .venv. Another Python: `make PYTHON=python3.12 test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Any torch of pyproject's range works; this one is known to install without CUDA's gigabytes where
# a build for the CPU is offered.
TORCH  := torch==2.13.0

.PHONY: demo test test-ray lint clean

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	touch $(STAMP)

demo: $(STAMP)
	mkdir -p demo/out
	$(BIN)/glyphgen make tests/samples --out demo/out/Demo.ttf --family "Glyphgen Demo" \
	  --charset gb2312-1,kana,latin,punctuation --region cn
	$(BIN)/glyphgen preview demo/out/Demo.ttf --out demo/out/preview.png \
	  --text "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少？ABC 123"
	@echo "font: demo/out/Demo.ttf   picture: demo/out/preview.png"

# Two files at a time, in order, so that files of few long tests do not come last and leave a core
# idle; one after another: `.venv/bin/python -m pytest`.
test: lint
	$(BIN)/python -m pytest -ra -n 2 --dist loadfile --no-loadscope-reorder

# A real Ray cluster of two processes, one of which is killed: 80 MB to install, not part of `test`.
test-ray: $(STAMP)
	$(BIN)/python -m pip install --quiet -e ".[ray]"
	$(BIN)/python -m pytest -ra tests/glyphgen/test_engine.py

lint: $(STAMP)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) demo/out exporters/kernels/ready

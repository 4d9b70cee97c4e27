# Two commands on a fresh machine: `make demo` and `make test`. Needs Python 3.11+ and the package
# registries; everything lands in .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test lint clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet "torch>=2.6,<2.14" --prefer-binary
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	touch $(STAMP)

demo: $(STAMP)
	mkdir -p demo/out
	$(BIN)/glyphgen make tests/samples --out demo/out/Demo.ttf --family "Glyphgen Demo" \
	  --charset gb2312-1,kana,latin,punctuation --region cn
	$(BIN)/glyphgen preview demo/out/Demo.ttf --out demo/out/preview.png \
	  --text @tests/samples/preview.txt
	@echo "font: demo/out/Demo.ttf   picture: demo/out/preview.png"

test: $(STAMP)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) demo/out

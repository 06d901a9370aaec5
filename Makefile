# `make demo` needs Python 3.10 to 3.13 and pip, `make test` Python 3.10 to 3.12 and the system
# packages that the README names. All of it works in .venv and build/ and leaves the rest alone.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -q -c constraints.txt

.PHONY: help demo train test test-arm android bench clean
.NOTPARALLEL:

help:
	@echo "make demo      install the edge runtime and find the face in the bundled photo"
	@echo "make train     train, quantize, convert and score a model on the photos that come along"
	@echo "make test      install everything and run every check and test"
	@echo "make test-arm  run the runtime's tests on aarch64 under qemu-user"
	@echo "make android   build and test the Android demo, without Android Studio"
	@echo "make bench     measure the models on this machine: report.html, report.json, report.md"
	@echo "make clean     remove .venv and what the targets wrote"

demo: .venv/edge.done
	$(BIN)/face520-run --demo --output face520_demo

train: .venv/dev.done
	PATH="$(abspath $(BIN)):$$PATH" bash training/open_faces/train.sh build/train

test: .venv/dev.done
	@echo "== ruff" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "== mypy" && $(BIN)/mypy
	@echo "== tests" && $(BIN)/pytest -n 2 --dist loadfile --durations 8

test-arm: .venv/dev.done
	PYTHON=$(abspath $(BIN))/python bash tests/arm/run.sh

android: .venv/dev.done
	PYTHON=$(abspath $(BIN))/python bash android_demo/build.sh

bench: .venv/dev.done
	$(BIN)/face520-bench report --html report.html --json report.json --markdown report.md

.venv/python.done:
	@echo "== creating .venv with $$($(PYTHON) --version)"
	$(PYTHON) -m venv .venv
	@touch $@

.venv/edge.done: .venv/python.done pyproject.toml constraints.txt
	@echo "== installing the edge runtime into .venv"
	$(PIP) -e .
	@touch $@

.venv/dev.done: .venv/python.done pyproject.toml constraints.txt
	@echo "== installing everything into .venv (TensorFlow is large: two to four minutes)"
	$(PIP) -e ".[dev]"
	@touch $@ .venv/edge.done

clean:
	rm -rf .venv build face520_demo face520_out report.html report.json report.md

# What a fresh clone needs; everything else is a recipe of the justfile.
PYTHON ?= $(shell command -v python3.11 || command -v python3)

.PHONY: demo test down

demo:
	@$(PYTHON) -m tools.bootstrap
	@.venv/bin/tradai demo

test:
	@$(PYTHON) -m tools.bootstrap
	@.venv/bin/just test

down:
	@if [ -x .venv/bin/tradai ]; then .venv/bin/tradai sandbox down; fi

# What a fresh clone needs; everything else is a recipe of the justfile.

# The first Python on PATH that is new enough, tried by running it: a version manager's stand-in may be there in vain.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

ready = $(if $(PYTHON),$(PYTHON) -m tools.bootstrap $(1),echo $(no_python) >&2; exit 1)
no_python = "Python 3.11 or newer is not on PATH: install it, or name it with make PYTHON=/where/it/is"

# Compiled modules are kept, whatever the machine has chosen: hundreds of short processes import the same ones.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test down

demo:
	@$(call ready)
	@.venv/bin/tradai demo

# The tests build the binaries themselves, while those that need none are played.
test:
	@$(call ready,--packages)
	@.venv/bin/just test

down:
	@if [ -x .venv/bin/tradai ]; then .venv/bin/tradai sandbox down; fi

# Every word of daily work. `make demo` or `make test` makes a fresh clone ready first.

set shell := ["bash", "-euo", "pipefail", "-c"]

export PATH := justfile_directory() / ".venv/bin" + ":" + env("PATH")

# Modules that write a generated file, and with --check say whether it is in sync.
generators := "tradai_operator.model.crd tradai_iac.config.document"

# Show all recipes.
default:
    @just --list --unsorted

# Bring the virtual environment and the binaries to what the pins say.
bootstrap:
    python -m tools.bootstrap

# Everything that must pass, the quick gates first.
test *arguments: lint types contracts check-generated
    pytest {{ arguments }}

# Rules and format.
lint:
    ruff check
    ruff format --check

# Put the format right, and what the rules can mend.
format:
    ruff check --fix
    ruff format

# Strict types.
types:
    mypy

# Which room may import which.
contracts:
    lint-imports

# Write the generated files.
generate:
    for module in {{ generators }}; do python -m "$module"; done

# Fail where a generated file is not what its source says.
check-generated:
    for module in {{ generators }}; do python -m "$module" --check; done

# Tests without servers.
unit *arguments:
    pytest tests/unit {{ arguments }}

# Tests against the real API server, engine and local AWS endpoint.
integration *arguments:
    pytest tests/integration {{ arguments }}

# A sandbox in .sandbox.
sandbox-up *arguments:
    tradai sandbox up {{ arguments }}

# End the sandbox in .sandbox.
sandbox-down:
    tradai sandbox down

# Pin all Python packages anew; add --upgrade to take newer ones.
lock *arguments:
    uv pip compile {{ lock_options }} {{ arguments }} --group bootstrap -o requirements-bootstrap.lock
    uv pip compile {{ lock_options }} {{ arguments }} --group go -o requirements-go.lock
    uv pip compile {{ lock_options }} {{ arguments }} --all-extras pyproject.toml -o requirements.lock

# Hashes and versions alone: no address of an index belongs into the repository.
lock_options := "--universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate --quiet"

# What the operator costs against the bare engine; prints a table, writes .bench/latest.json.
bench *arguments:
    python -m tools.bench {{ arguments }}

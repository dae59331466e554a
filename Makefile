# The one entry point that people and CI share. Every target makes .venv if it must.
.DEFAULT_GOAL := help
LANDING ?= build/landing
PUBLISH ?= build/published
AS_OF ?=
RESCORE_FROM ?=
RESCORE_TO ?=
ACCEPT ?=
CUSTOMERS ?=
ACCOUNTS ?= 300
SEED ?= 7
PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip --quiet --disable-pip-version-check install
INSTALLED := .venv/.installed
SPARK_PYTHON := .venv.spark/bin/python
SPARK_INSTALLED := .venv.spark/.installed
export DO_NOT_TRACK := 1

$(INSTALLED): requirements.lock
	@echo "Installing tools into .venv (once, about two minutes)"
	@python3 -m venv .venv
	@$(PIP) --requirement requirements.lock
	@touch $@

$(SPARK_INSTALLED): requirements.lock requirements-spark.lock
	@echo "Installing tools and Spark into .venv.spark (once, about three minutes)"
	@python3 -m venv .venv.spark
	@$(SPARK_PYTHON) -m pip --quiet --disable-pip-version-check install \
		--requirement requirements-spark.lock
	@touch $@

.PHONY: help
help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: run
run: $(INSTALLED)  ## land, build, audit, publish (LANDING= PUBLISH= AS_OF= ACCEPT=)
	@$(PYTHON) -m orchestration run --landing "$(LANDING)" --publish "$(PUBLISH)" \
		$(if $(AS_OF),--as-of $(AS_OF)) \
		$(if $(RESCORE_FROM),--rescore-from $(RESCORE_FROM)) \
		$(if $(RESCORE_TO),--rescore-to $(RESCORE_TO)) \
		$(if $(ACCEPT),--accept "$(ACCEPT)")

.PHONY: test
test: $(INSTALLED) lint  ## everything CI runs but the slow suites
	@$(PYTHON) -m pytest -n 2 -m "not spark and not simulated"

.PHONY: simulated
simulated: $(INSTALLED)  ## what the health score promises, on companies of known truth
	@$(PYTHON) -m pytest -m simulated tests/python/test_health_promises.py \
		tests/python/test_past_knowledge.py

.PHONY: spark
spark: $(SPARK_INSTALLED)  ## the canary on the second engine; needs Java
	@$(SPARK_PYTHON) -m pytest -m spark -rs tests/python/test_spark.py

.PHONY: lint
lint: $(INSTALLED)  ## ruff, yamllint and sqlfluff
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	@.venv/bin/yamllint --strict models seeds macros dbt_project.yml profiles.yml
	@mkdir -p build/published.state
	@.venv/bin/sqlfluff lint models tests/*.sql analyses 2>build/sqlfluff.log \
		|| (tail -n 5 build/sqlfluff.log; exit 1)

.PHONY: benchmark
benchmark: $(INSTALLED)  ## the ledger against bare SQL and a month spine (CUSTOMERS=)
	@$(PYTHON) -m analyses.ledger_benchmark \
		$(foreach count,$(CUSTOMERS),--customers $(count))

.PHONY: health-benchmark
health-benchmark: $(INSTALLED)  ## health against bare SQL (BACKFILLED= DAY_ACCOUNTS=)
	@$(PYTHON) -m analyses.health_benchmark --accounts $(or $(BACKFILLED),1000) \
		--day-accounts $(or $(DAY_ACCOUNTS),10000)

.PHONY: health-limit
health-limit: $(INSTALLED)  ## how near the score comes to what could be known (SEED= ACCOUNTS=)
	@$(PYTHON) -m analyses.health_limit --seed $(SEED) --accounts $(ACCOUNTS)

.PHONY: mutants
mutants: $(INSTALLED)  ## wrong versions of the SQL, and how many are caught (COUNT= TOPICS=)
	@$(PYTHON) -m analyses.mutants --count $(or $(COUNT),200) --seed $(or $(SEED),1) \
		$(foreach topic,$(TOPICS),--topic $(topic))

.PHONY: sample
sample: $(INSTALLED)  ## write a sample company (LANDING= ACCOUNTS= SEED=)
	@$(PYTHON) -m orchestration sample --landing "$(LANDING)" \
		--accounts $(ACCOUNTS) --seed $(SEED)

.PHONY: land
land: $(INSTALLED)  ## land only; dbt build does the rest (LANDING= PUBLISH= AS_OF=)
	@$(PYTHON) -m orchestration land --landing "$(LANDING)" --publish "$(PUBLISH)" \
		$(if $(AS_OF),--as-of $(AS_OF)) $(if $(ACCEPT),--accept "$(ACCEPT)")

.PHONY: account
account: $(INSTALLED)  ## a page that explains one score (ACCOUNT= PUBLISH=)
	@$(PYTHON) -m orchestration account "$(ACCOUNT)" --publish "$(PUBLISH)" \
		--target build/account.html

.PHONY: dev
dev: $(INSTALLED)  ## Dagster's UI on loopback
	@$(PYTHON) -m orchestration dev --landing "$(LANDING)" --publish "$(PUBLISH)"

.PHONY: docs
docs: $(INSTALLED)  ## write docs/files_contract.md anew
	@$(PYTHON) -m orchestration docs

.PHONY: clean
clean:  ## remove everything that was made, but .venv
	@rm -rf build target logs .pytest_cache .hypothesis .ruff_cache

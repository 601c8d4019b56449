# Aliases for those who work on the portal. The README's two commands are ./run demo and ./run test.
BIN = .venv/bin
UV = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: demo test check quick format clauses bench drill lock

demo:
	./run demo

test:
	./run test

check: ## format, lint, types, import contracts; what else holds of the house ./run test has tried
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

quick: check ## what a change of code, templates or docs broke of the house itself
	$(BIN)/python -m pytest -n auto tests/docs tests/test_architecture.py tests/test_templates.py

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clauses: ## which rows of the register are implemented and which are proven
	$(BIN)/portal clauses

bench: ## ratios against peers, measured in one run, into benchmarks/RESULTS.md
	./run bench

drill: ## longer proofs, each telling its figures: two worlds, guesses, hostile sheets, a second reader, what is killed
	./run setup
	$(BIN)/python -m pytest -s drills

lock: ## renew the lock files (needs uv)
	$(UV) pyproject.toml --group build -o requirements/runtime.txt
	$(UV) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(UV) --group node -o requirements/node.txt
	$(UV) --group bench -o requirements/bench.txt
	npm install --package-lock-only

"""A plugin for pytest: notes which clauses were proven by a passing test, for ``portal clauses``.

A test says what it proves with ``@pytest.mark.clause("HB-4")``; load this with ``-p portal.plugin_kit.proofs``.
"""

import json
from pathlib import Path

import pytest

PROOFS = Path("var/proofs.json")


class Proofs:
    """What this run proved."""

    def __init__(self) -> None:
        self.proven: dict[str, set[str]] = {}
        self.failed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Carry the clauses to the process that writes them."""
        for item in items:
            for mark in item.iter_markers("clause"):
                item.user_properties += [("clause", id_) for id_ in mark.args]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what passed and what did not."""
        clauses = [str(value) for name, value in report.user_properties if name == "clause"]
        if report.failed:
            self.failed.update(clauses)
        elif report.when == "call" and report.passed:
            for id_ in clauses:
                self.proven.setdefault(id_, set()).add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write what was proven; rows of tests that were not run keep what the last run said of them."""
        if hasattr(session.config, "workerinput"):
            return
        part = session.config.getoption("keyword") or session.config.args_source is pytest.Config.ArgsSource.ARGS
        kept = json.loads(PROOFS.read_text()) if PROOFS.exists() and part else {}
        for id_, tests in self.proven.items():
            kept[id_] = sorted(tests)
        for id_ in self.failed:
            kept.pop(id_, None)
        if session.testscollected and self.proven:
            PROOFS.parent.mkdir(exist_ok=True)
            PROOFS.write_text(json.dumps(kept, indent=1, sort_keys=True))


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark and begin to note."""
    config.addinivalue_line("markers", "clause(*ids): the test proves these rows of the register")
    config.pluginmanager.register(Proofs(), "clauses that are proven")

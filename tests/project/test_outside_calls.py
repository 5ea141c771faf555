"""Whatever asks somebody outside is on a list, with the test that breaks it in every way."""

import ast
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_ASKS = {"urllib3", "aiohttp", "elastic_transport", "elasticsearch", "redis", "requests", "http", "smtplib", "ftplib"}
_CALLS = {
    "files/exchange.py": "signing/test_outside.py",  # by which the next four ask
    "signing/stamps/http.py": "signing/test_outside.py",
    "signing/longterm/extend.py": "signing/test_outside.py",
    "signing/keys/csc.py": "signing/test_outside.py",
    "signing/keys/remote.py": "signing/test_outside.py",
    "services/registers/rest.py": "services/test_outside_matrix.py",
    "signing/pades/fetching.py": "signing/test_outside.py",
    "signing/pades/revocation.py": "signing/test_outside.py",
    "search/engines/elasticsearch.py": "search/test_engine_in_trouble.py",
    "search/engines/elasticsearch_client.py": "search/test_engine_in_trouble.py",
    "workers/actors.py": "workers/test_away.py",  # the broker, which belongs to the store: away, and no eight ways
}


def _imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_every_outside_call_is_broken_by_a_test() -> None:
    """A module that asks over a network in another way must be listed, and its test know the ways."""
    layers = ("archive", "cli", "config", "domain", "files", "pipeline", "search", "services", "signing", "workers")
    files = [file for layer in layers for file in (_ROOT / layer).rglob("*.py")]
    assert {str(file.relative_to(_ROOT)) for file in files if _imports(file) & _ASKS} == set(_CALLS)
    for module, test in _CALLS.items():
        text = (_ROOT / "tests" / test).read_text(encoding="utf-8")
        assert "WAYS" in text or module.startswith("workers"), module

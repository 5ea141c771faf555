"""What a function of ours promises, told without importing its module, which may take seconds."""

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def promise(module: str, function: str) -> str:
    """A function's docstring: its first line says what it does.

    Raises:
        LookupError: there is no such function, or it has no docstring.
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"There is no module {module}")
    for node in ast.parse(Path(spec.origin).read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name == function and (text := ast.get_docstring(node)):
            return text
    raise LookupError(f"{module} has no function {function} with a docstring")

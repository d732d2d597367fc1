"""Which test calls which route as the app does: read from the source of `tests/end_to_end/app`."""

import ast
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "end_to_end" / "app"
ASK, STREAM = "ask", "stream"


def routes_asked_for(folder: Path = FOLDER) -> dict[str, str]:
    """Route as `METHOD /path/{parameter}` -> the first test that asks for it, as `file::test`."""
    found: dict[str, str] = {}
    for file in sorted(folder.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for route in _routes(node):
                    found.setdefault(route, f"{file.name}::{node.name}")
    return found


def _routes(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    values = _parameters(test)
    for node in ast.walk(test):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == STREAM:
            yield "POST /v2/messages"
        elif node.func.attr == ASK and node.args:
            yield from _named(node.args[0], values)


def _parameters(test: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, list[str]]:
    """What a test is parametrized with, where that is one name and a list of texts."""
    found: dict[str, list[str]] = {}
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.parametrize":
            name, values = decorator.args[:2]
            if isinstance(values, ast.List | ast.Tuple):
                texts = [value.value for value in values.elts if isinstance(value, ast.Constant)]
                found[ast.literal_eval(name)] = [text for text in texts if isinstance(text, str)]
    return found


def _named(argument: ast.expr, values: dict[str, list[str]]) -> list[str]:
    """The routes that an argument is: itself, or one for each value of a parameter in it."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return [argument.value]
    if isinstance(argument, ast.Name):
        return values.get(argument.id, [])
    if not isinstance(argument, ast.JoinedStr):
        return []
    routes = [""]
    for part in argument.values:
        pieces = (
            values.get(ast.unparse(part.value), [])
            if isinstance(part, ast.FormattedValue)
            else [str(ast.literal_eval(part))]
        )
        routes = [route + piece for route in routes for piece in pieces]
    return routes

"""Every import in the repository follows the table of folders in docs/architecture.md."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `([\w./]+)` \|.*\| (.*) \|$", re.MULTILINE)
# folder -> the other folders that it may import from
TABLE = {
    folder: set(re.findall(r"`([\w/]+)`", others))
    for folder, others in ROW.findall((ROOT / "docs/architecture.md").read_text())
}
TOPS = {path.parent for path in ROOT.glob("*/*.py")}
FILES = {path.relative_to(ROOT).as_posix(): path for top in TOPS for path in top.rglob("*.py")}
MODULES = {name.removesuffix(".py").removesuffix("/__init__"): name for name in FILES}


def imports(file: str) -> set[str]:
    """Our files that `file` imports, anywhere in its code."""
    names = set()
    for node in ast.walk(ast.parse(FILES[file].read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: relative import"
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                names.add(module if module.replace(".", "/") in MODULES else node.module)
    paths = {name.replace(".", "/") for name in names}
    return {MODULES[path] for path in paths & MODULES.keys()}


GRAPH = {file: imports(file) for file in FILES}


def folder(file: str) -> str:
    """The row of the table that the file belongs to: its folder's, or the nearest parent's."""
    return max((row for row in TABLE if file.startswith(f"{row}/")), key=len)


def test_every_folder_imports_only_what_the_table_allows():
    wrong = [
        f"{file} imports {other}"
        for file, others in sorted(GRAPH.items())
        for other in sorted(others)
        if folder(other) not in TABLE[folder(file)] | {folder(file)}
    ]
    assert "\n".join(wrong) == ""


def test_no_file_imports_a_conftest_or_a_test():
    imported = "\n".join(set().union(*GRAPH.values()))
    assert re.findall(r".*/(?:conftest|test_\w+)\.py", imported) == []


def test_imports_form_no_circle():
    TopologicalSorter(GRAPH).prepare()

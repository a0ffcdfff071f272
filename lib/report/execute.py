"""execute.py <workbook> <result>: runs a workbook with the kernel "typescript" and writes it with its outputs.

Cells tagged "live" are left out, with the markdown that leads to them. The result is written whole, also when a cell fails (exit code 1, the error on stderr).
On stdout: one line "<cells done> <cells in all>" a cell.
"""

import os
import signal
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

KERNEL = "typescript"
LIVE = "live"


def tags(cell):
    return cell.metadata.get("tags", [])


def without_live(cells):
    """The cells that run, without those of markdown that only lead to a live one: a heading above nothing would dangle."""
    kept = []
    following_is_live = False
    for cell in reversed(cells):
        if LIVE in tags(cell):
            following_is_live = True
        elif not (following_is_live and cell.cell_type == "markdown"):
            kept.append(cell)
            following_is_live = False
    return kept[::-1]


def main(workbook: Path, result: Path) -> int:
    notebook = nbformat.read(workbook, as_version=4)
    notebook.cells = without_live(notebook.cells)
    count = sum(cell.cell_type == "code" for cell in notebook.cells)
    done = 0

    def progress(**_):
        nonlocal done
        done += 1
        print(done, count, flush=True)

    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name=KERNEL,
        resources={"metadata": {"path": str(workbook.parent)}},
        on_cell_executed=progress,
        record_timing=False,
    )
    problem = None
    try:
        client.execute()
    except CellExecutionError as error:
        problem = f"{error.ename}: {error.evalue}"
    except DeadKernelError as error:
        problem = str(error)
    temporary = result.with_name(f"{result.name}.tmp-{os.getpid()}")
    nbformat.write(notebook, temporary)
    temporary.replace(result)
    if problem is not None:
        print(problem, file=sys.stderr)
    return 0 if problem is None else 1


if __name__ == "__main__":
    # nbclient ends its kernel on KeyboardInterrupt: being told to stop is the same to us.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
    except KeyboardInterrupt:
        sys.exit(130)

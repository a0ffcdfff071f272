"""The programs that run notebooks: nbclient, nbconvert --execute, papermill; and the kernelspec they find."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import harness
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

MAIN = harness.ROOT / "lib/kernel"
METADATA = {"kernelspec": {"name": harness.KERNEL, "display_name": "TypeScript", "language": "typescript"}}


def notebook(*cells, tags=()):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells], metadata=METADATA)
    for at, tag in tags:
        made.cells[at].metadata["tags"] = [tag]
    return made


class Clients(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="kernel-clients-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def run_tool(self, *args, env=None):
        done = subprocess.run([sys.executable, "-m", *args], cwd=self.folder, capture_output=True, text=True, timeout=120, env={**os.environ, **(env or {})})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_nbclient(self):
        """nbclient runs a notebook and keeps every kind of output"""
        made = notebook("const a: number = 1\nconsole.log('printed')\na + 1", "cell.displayData({ 'text/html': '<b>x</b>' }, { displayId: 'd' })\ncell.displayData({ 'text/html': '<b>y</b>' }, { displayId: 'd', update: true })")
        NotebookClient(made, timeout=60, resources={"metadata": {"path": str(self.folder)}}).execute()
        self.assertEqual([o["output_type"] for o in made.cells[0].outputs], ["stream", "execute_result"])
        self.assertEqual(made.cells[1].outputs[0]["data"]["text/html"], "<b>y</b>")
        self.assertEqual(made.metadata["language_info"]["name"], "typescript")

    def test_nbclient_error(self):
        """nbclient tells a failing cell"""
        with self.assertRaises(CellExecutionError) as caught:
            NotebookClient(notebook("const n: number = 'text'"), timeout=60).execute()
        self.assertIn("TS2322", str(caught.exception))

    def test_nbconvert(self):
        """nbconvert --execute makes a page, nbconvert --to script a TypeScript file"""
        nbformat.write(notebook("6 * 7"), self.folder / "a.ipynb")
        self.run_tool("nbconvert", "--execute", "--to", "html", "a.ipynb")
        self.assertIn("42", (self.folder / "a.html").read_text())
        self.run_tool("nbconvert", "--execute", "--to", "notebook", "--output", "b", "a.ipynb")
        self.run_tool("nbconvert", "--to", "script", "b.ipynb")
        self.assertIn("6 * 7", (self.folder / "b.ts").read_text())

    def test_papermill(self):
        """papermill injects parameters of every type by the translator that comes with the kernel, which set-up has made known to it"""
        code = "let eta: number = 0.1 // learning rate\nlet name = 'a'; let list = [1]; let map = { a: 1 }; let flag = false; let none: null | number = 1"
        nbformat.write(notebook(code, "JSON.stringify([eta, name, list, map, flag, none])", tags=[(0, "parameters")]), self.folder / "p.ipynb")
        parameters = json.dumps({"eta": 0.5, "name": "it's \"é\"\n", "list": [1, [2]], "map": {"k": "v"}, "flag": True, "none": None})
        self.run_tool("papermill", "p.ipynb", "out.ipynb", "-b", __import__("base64").b64encode(parameters.encode()).decode())
        out = nbformat.read(self.folder / "out.ipynb", 4)
        text = out.cells[-1].outputs[0]["data"]["text/plain"]
        self.assertEqual(json.loads(text[1:-1].replace("\\'", "'").replace("\\\\", "\\")), [0.5, "it's \"é\"\n", [1, [2]], {"k": "v"}, True, None])
        help_text = self.run_tool("papermill", "--help-notebook", "p.ipynb").stdout
        self.assertIn("eta: number (default 0.1)", help_text)

    def test_install(self):
        """install and uninstall with --prefix, --user and --sys-prefix; wrong options are told"""
        node = subprocess.run(["jupyter", "kernelspec", "list", "--json"], capture_output=True, text=True, check=True, env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"})
        spec = json.loads(node.stdout)["kernelspecs"][harness.KERNEL]["spec"]
        self.assertEqual((spec["display_name"], spec["language"], spec["interrupt_mode"]), ("TypeScript", "typescript", "message"))
        node = spec["argv"][0]

        def main(*args, env=None):
            return subprocess.run([node, str(MAIN / "main.ts"), *args], capture_output=True, text=True, env={**os.environ, **(env or {})})

        target = self.folder / "prefix/share/jupyter/kernels/typescript/kernel.json"
        self.assertEqual(main("install", "--prefix", str(self.folder / "prefix")).returncode, 0)
        argv = json.loads(target.read_text())["argv"]
        self.assertTrue(all(Path(argv[at]).is_absolute() for at in (0, -2)), argv)
        main("uninstall", "--prefix", str(self.folder / "prefix"))
        self.assertFalse(target.exists())
        main("install", "--user", env={"JUPYTER_DATA_DIR": str(self.folder / "data")})
        self.assertTrue((self.folder / "data/kernels/typescript/kernel.json").exists())
        python = self.folder / "bin"
        python.mkdir()
        (python / "python3").write_text(f"#!/bin/sh\necho {self.folder}/sys\n")
        (python / "python3").chmod(0o755)
        main("install", "--sys-prefix", env={"PATH": f"{python}:{os.environ['PATH']}"})
        self.assertTrue((self.folder / "sys/share/jupyter/kernels/typescript/kernel.json").exists())
        wrong = main("install", "--global")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("--global", wrong.stderr)
        self.assertIn("connection file", main("/nowhere.json").stderr)

    def test_npx(self):
        """npx installs the kernel from a bare copy of its folder, and it runs in an empty one: without this repository, its packages, TensorFlow"""
        import jupyter_client

        node = Path(jupyter_client.kernelspec.KernelSpecManager().get_kernel_spec(harness.KERNEL).argv[0])
        copy, empty, data = self.folder / "copy", self.folder / "empty", self.folder / "data"
        shutil.copytree(MAIN, copy, ignore=shutil.ignore_patterns("node_modules"))
        empty.mkdir()
        env = {**os.environ, "PATH": f"{node.parent}:{os.environ['PATH']}", "JUPYTER_DATA_DIR": str(data), "npm_config_prefer_offline": "true", "JUPYTER_PREFER_ENV_PATH": "0"}
        done = subprocess.run(["npx", "--yes", str(copy), "install", "--user"], cwd=empty, capture_output=True, text=True, env=env, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        argv = json.loads((data / "kernels/typescript/kernel.json").read_text())["argv"]
        self.assertEqual(Path(argv[-2]).resolve(), (copy / "bin.mjs").resolve())
        nbformat.write(notebook("import { display } from 'tslab'\nenum E { A = 1 }\nconst n: number = 41\nn + E.A", "require.resolve('@tensorflow/tfjs')"), empty / "e.ipynb")
        done = subprocess.run([sys.executable, "-m", "nbconvert", "--execute", "--allow-errors", "--to", "notebook", "--output", "f", "e.ipynb"], cwd=empty, capture_output=True, text=True, env=env, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        first, second = nbformat.read(empty / "f.ipynb", 4).cells
        self.assertEqual(first.outputs[0]["data"]["text/plain"], "42")
        self.assertIn("Cannot find module", second.outputs[0]["evalue"])


class LanguageServers(unittest.TestCase):
    def test_listed(self):
        """Jupyter's own server of language servers lists ours for TypeScript, and it starts"""
        import subprocess

        from jupyter_lsp import LanguageServerManager

        manager = LanguageServerManager(autodetect=False)
        manager.init_language_servers()
        server = manager.language_servers["typescript-kernel"]
        self.assertEqual((server["languages"], server["argv"][-1]), (["typescript"], "lsp"))
        body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"rootUri":null,"capabilities":{}}}'
        asked = b"Content-Length: %d\r\n\r\n" % len(body) + body
        answer = subprocess.run(server["argv"], input=asked, capture_output=True, timeout=60).stdout
        self.assertIn(b'"hoverProvider":true', answer)

import json
import os
import socket
import stat
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import KERNEL, KernelCase
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import get_kernel_spec


class Robust(KernelCase):
    env = {"NODE_OPTIONS": "--max-old-space-size=200"}

    def stray(self, code):
        """Runs a cell that ends well, and returns the errors that come under it afterwards."""
        msg = self.client.execute(code)
        outcome = self.finish(msg)
        self.assertEqual(outcome.status, "ok")
        errors = outcome.contents("error")
        self.others.clear()
        self.ok("await new Promise((r) => setTimeout(r, 250))")
        return errors + [m["content"] for m in self.others if m["msg_type"] == "error" and m["parent_header"]["msg_id"] == msg]

    def test_rejection(self):
        """an unhandled rejection is shown under its cell and survived"""
        self.ok("const alive = 'still here'")
        errors = self.stray("setTimeout(() => { void Promise.reject(new RangeError('nobody caught it')) }, 50);")
        self.assertEqual([e["evalue"] for e in errors], ["nobody caught it"])
        self.assertEqual(self.value_of("alive"), "'still here'")

    def test_timer(self):
        """a throw in a timer after the cell is shown under its cell and survived"""
        errors = self.stray("setTimeout(() => { throw new RangeError('in a timer') }, 50);")
        self.assertEqual([e["evalue"] for e in errors], ["in a timer"])

    def test_emitter(self):
        """an error event that nobody listens to is survived"""
        errors = self.stray("import { EventEmitter } from 'node:events'; setTimeout(() => { new EventEmitter().emit('error', new Error('emitted')) }, 50);")
        self.assertEqual([e["evalue"] for e in errors], ["emitted"])

    def assert_ended(self, code, ending):
        pid = self.value_of("process.pid")
        outcome = self.fails(code, timeout=60)
        self.assertEqual(outcome.error["ename"], "SessionEnded")
        self.assertIn(ending, outcome.error["evalue"])
        self.assertNotEqual(self.value_of("process.pid"), pid)
        self.assertIn("TS2304", self.fails("alive").error["evalue"])

    def test_exit(self):
        """process.exit ends the session process, not the kernel; the user is told"""
        self.assert_ended("process.exit(7)", "exit code 7")

    def test_abort(self):
        """a native crash ends the session process, not the kernel"""
        self.assert_ended("process.abort()", "SIGABRT")

    def test_memory(self):
        """out of memory ends the session process, not the kernel"""
        self.assert_ended("const hold: number[][] = []; for (;;) hold.push(new Array(1e5).fill(1.5))", "SIG")

    def test_kill(self):
        """a session process killed from outside, also while idle"""
        self.ok("const victim = process.pid; setTimeout(() => process.kill(victim, 'SIGKILL'), 100);")
        time.sleep(0.5)
        self.assertEqual(self.value_of("1 + 1"), "2")

    def test_exit_in_queue(self):
        """cells queued behind one that ended the session are aborted, the next one runs"""
        first = self.client.execute("process.exit(1)")
        second = self.client.execute("'queued'")
        self.assertEqual(self.finish(first).status, "error")
        self.assertEqual(self.finish(second).status, "aborted")
        self.assertEqual(self.value_of("'next'"), "'next'")

    def test_thrown_things(self):
        """whatever is thrown is told: primitives, nothing, objects with bad getters, proxies, causes, aggregates"""
        self.assertEqual(self.fails("throw 'a string'").error["evalue"], "'a string'")
        self.assertEqual(self.fails("throw undefined").error["evalue"], "undefined")
        self.assertEqual(self.fails("throw null").error["evalue"], "null")
        self.assertEqual(self.fails("throw 5n").error["evalue"], "5n")
        self.fails("throw new Proxy({}, { get() { throw new Error('no') }, getPrototypeOf() { throw new Error('no') } })")
        self.fails("const bad = new Error('x'); Object.defineProperty(bad, 'message', { get() { throw new Error('no') } }); throw bad")
        text = "\n".join(self.fails("throw new Error('outer', { cause: new TypeError('inner') })").error["traceback"])
        self.assertIn("inner", text)
        text = "\n".join(self.fails("await Promise.any([Promise.reject(new Error('first')), Promise.reject(new Error('second'))])").error["traceback"])
        self.assertIn("first", text)
        self.assertIn("second", text)

    def test_bad_result(self):
        """a result that cannot be shown is an error of the cell, and no more"""
        outcome = self.run_cell("({ get x() { throw new Error('getter') }, [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('inspect') } })")
        self.assertEqual(outcome.status, "error")
        self.assertEqual(self.value_of("1"), "1")

    def test_stack_overflow(self):
        """endless recursion is an ordinary error"""
        self.assertEqual(self.fails("function deep(): number { return deep() + 1 }\ndeep()").error["ename"], "RangeError")

    def test_tampering(self):
        """a cell that breaks globals breaks its own session at most"""
        self.ok("console.log = () => {}; (globalThis as any).Promise = class {}; (Array.prototype as any).map = () => []; JSON.stringify = () => 'x'")
        self.run_cell("1")
        self.fails("process.exit(0)")
        self.assertEqual(self.value_of("[1].map(String).join()"), "'1'")

    def test_closed_stdout(self):
        """a cell that closes its stdout can still be followed by others"""
        self.ok("require('node:fs').closeSync(1)", timeout=10)
        self.assertEqual(self.value_of("2", timeout=10), "2")
        self.fails("process.exit(0)")


class Private(KernelCase):
    def test_files(self):
        """the history is readable by its owner alone"""
        self.ok("1")
        path = Path(os.environ["TYPESCRIPT_KERNEL_HISTORY"])
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)


class Starting(unittest.TestCase):
    def start(self, connection_file):
        argv = [connection_file if part == "{connection_file}" else part for part in get_kernel_spec(KERNEL).argv]
        return subprocess.run(argv, capture_output=True, text=True, timeout=30)

    def test_port_taken(self):
        """a kernel whose port is taken names it and ends"""
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            file, _ = write_connection_file(f"{folder}/kernel.json", iopub_port=port)
            ended = self.start(file)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(f"tcp://127.0.0.1:{port}", ended.stderr)
        self.assertNotIn("    at ", ended.stderr)

    def test_connection_file(self):
        """a connection file that is none is named, with what it lacks"""
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/kernel.json"
            Path(file).write_text(json.dumps({"ip": "127.0.0.1"}))
            ended = self.start(file)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(f'"{file}" lacks shell_port', ended.stderr)

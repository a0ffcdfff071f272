"""No cell, message, history, type server or stray byte stops the cells after it."""

import json
import os
import signal
import sqlite3
import tempfile
import time
from pathlib import Path

from harness import KernelCase, spawned

# A limit for what takes some 10 ms on a quiet machine, an interrupt 2 s at most.
SOON = 20


class Refused(KernelCase):
    def test_early_errors(self):
        """what V8 refuses as it compiles is an error each time, with its line, and never a hang"""
        for code, line in [
            ("// @ts-nocheck\ndelete x2", 2),
            ("// @ts-nocheck\nlet dup = 1; let dup = 2;", 2),
            ("// @ts-nocheck\nfunction twice(a, a) {}", 2),
            ("// @ts-nocheck\n0;\nclass A { constructor() {} constructor() {} }", 3),
            ("// @ts-nocheck\nlet let = 1", 2),
            ("// @ts-nocheck\nclass { }", 2),
            ("// @ts-nocheck\n'\\08'", 2),
            ("// @ts-nocheck\n/(?<a>.)(?<a>.)/", 2),
            ("var undefined = 1", None),
        ]:
            for n in range(25):
                error = self.fails(code, timeout=SOON).error
                self.assertIn(error["ename"], ("SyntaxError", "TypeScriptError"), code)
                if line is not None:
                    self.assertIn(f", line {line}, ", error["traceback"][0], code)
                frames = [row for row in "\n".join(error["traceback"]).split("\n") if row.startswith("    at ")]
                self.assertEqual([row for row in frames if "Cell [" not in row], [], code)
        self.assertEqual(self.value_of("1 + 1"), "2")

    def test_nested(self):
        """code that is nested deeper than any parser goes is refused, and the kernel stays"""
        for code in ["(" * 20000 + "1" + ")" * 20000, "1" + "+1" * 200000, "[" * 9000 + "]" * 9000, "!" + " !" * 30000 + "1", "await " * 9000 + "1", "<a>" * 5000 + "</a>" * 5000]:
            self.assertIn("nested too deeply", self.fails("0;" + code, timeout=60).error["evalue"], code[:20])
        self.assertEqual(self.value_of("(" * 500 + "1" + ")" * 500, timeout=SOON), "1")
        self.assertEqual(self.value_of("1" + " + 1" * 900, timeout=SOON), "901")

    def test_changed_built_ins(self):
        """a cell that takes from the language what others need stops no later cell, and the next session is whole"""
        for code in [
            "Object.defineProperty(Array.prototype, 'map', { value: () => { throw new Error('map') } })",
            "Object.defineProperty(Map.prototype, 'get', { value: () => { throw new Error('get') } })",
            "Promise.prototype.then = function () { throw new Error('then') }",
            "globalThis.Promise = globalThis.Set = globalThis.Map = globalThis.Error = globalThis.Object = globalThis.setTimeout = 5",
            "globalThis.globalThis = 5",
            "globalThis.process = 5",
            "Error.prepareStackTrace = () => { throw 1 }; Error.stackTraceLimit = 0",
        ]:
            self.run_cell("// @ts-nocheck\n" + code, timeout=SOON)
            for after in ["throw new Error('told')", "[1, { a: 1 }]", "await Promise.reject(new Error('awaited'))"]:
                self.run_cell("// @ts-nocheck\n" + after, timeout=SOON)
            self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2", code)
            self.assertEqual(self.value_of("await 2", timeout=SOON), "2", code)
            self.fails("require('node:process').kill(require('node:process').pid, 'SIGKILL')", timeout=SOON)
            self.assertEqual(self.value_of("[1].map(String).join()", timeout=SOON), "'1'", code)


class Hostile(KernelCase):
    def send(self, kind, content, **header):
        message = self.client.session.msg(kind, content)
        message["header"].update(header)
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def test_requests(self):
        """requests that hold what no client sends are answered, and the next one runs"""
        deep = value = {}
        for _ in range(5000):
            value["a"] = value = {}
        text = "[" * 900 + "]" * 900
        cell = {"code": "1", "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        self.assertEqual(self.shell_reply(self.send("execute_request", {**cell, "user_expressions": {"a": {"toString": 1}, "b": "2", "c": None}}))["user_expressions"]["b"]["data"]["text/plain"], "2")
        self.assertEqual(self.shell_reply(self.send("execute_request", cell, nested=json.loads(text)))["status"], "ok")
        for wrong in [None, 5, {"toString": 1}, []]:
            for field in ["code", "silent", "store_history", "user_expressions", "stop_on_error"]:
                reply = self.shell_reply(self.send("execute_request", {**cell, field: wrong}))
                self.assertIn(reply["status"], ("ok", "error"), (field, wrong))
        for field in ["username", "date", "session", "subshell_id", "version"]:
            for wrong in [{"a": 1}, [], 5, None]:
                self.send("execute_request", cell, **{field: wrong})
        self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2")

    def test_types(self):
        """a message of a type that objects inherit is dropped as any unknown one"""
        for kind in ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "constructor_request", ""]:
            sent = self.send(kind, {"code": "1"})
            self.collect(sent, timeout=SOON)
        self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2")

    def test_runtime_name(self):
        """the kernel's own names mean nothing to cells"""
        for code in ["var __kernel__ = 1", "let kernel = 2", "const runtime = 3", "globalThis.__kernel__ = 4", "// @ts-nocheck\nvar kernel\U000e01ef = 5"]:
            self.run_cell(code, timeout=SOON)
            self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2")

    def test_stray_bytes(self):
        """bytes written to any descriptor of the session leave the kernel's channel whole"""
        for number in [3, 4, 5, 15]:
            self.run_cell(f"try {{ require('node:fs').writeSync({number}, 'stray bytes\\n'.repeat(100)) }} catch {{}}\nconsole.log('sent')", timeout=SOON)
            self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2")
        self.run_cell("try { require('node:fs').closeSync(15) } catch {}\nawait new Promise((r) => setTimeout(r, 100))", timeout=SOON)
        self.run_cell("1", timeout=SOON)
        self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2")


class Interrupted(KernelCase):
    def interrupt(self, code):
        """Interrupts a cell once it runs."""
        running = self.client.execute(code)
        while self.client.get_iopub_msg(timeout=SOON)["msg_type"] != "execute_input":
            pass
        time.sleep(0.5)
        self.manager.interrupt_kernel()
        return self.finish(running, timeout=SOON)

    def test_whatever_it_does(self):
        """an interrupt ends whatever a cell does, and the next cell runs"""
        for code in [
            "while (true) {}",
            "for (;;) { try { while (true) {} } catch {} }",
            "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
            "await new Promise(() => {})",
            "await ({ then() {} })",
            "for (;;) { try { await null } catch {} }",
            "const storm = async () => { for (;;) await null }; await storm()",
            "const tick = () => process.nextTick(tick); tick(); await new Promise(() => {})",
            "setTimeout(() => { for (;;); }, 10); await new Promise(() => {})",
            "const reject = () => { Promise.reject(1); setImmediate(reject) }; reject(); await new Promise(() => {})",
            "for (;;) cell.displayData({ 'text/plain': 'x'.repeat(1000) })",
            "for (;;) console.log('x'.repeat(1000))",
            "/(a+)+$/.test('a'.repeat(40) + 'b')",
            "async function* all() { for (;;) { try { yield 1 } catch {} } }; for await (const each of all());",
            "({ get [Symbol.for('Jupyter.display')]() { for (;;); } })",
            "cell.signal.addEventListener('abort', () => { for (;;); }); await new Promise(() => {})",
            "await import('data:text/javascript,await new Promise(() => {})')",
            "Object.prototype.then = () => {}",
        ]:
            outcome = self.interrupt("// @ts-nocheck\n" + code)
            self.assertEqual(outcome.status, "error", code)
            self.assertIn(outcome.error["ename"], ("InterruptError", "SessionEnded"), code)
            if "prototype" not in code:
                self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2", code)
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=60)

    def test_background(self):
        """what a cell left running, so that no later cell can begin, is ended by an interrupt of that one"""
        self.client.execute("setTimeout(() => { console.log('begun'); for (;;); }, 100)")
        while self.client.get_iopub_msg(timeout=SOON)["msg_type"] != "stream":
            pass
        self.interrupt("'waits'")
        self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2")

    def test_caught(self):
        """a cell that catches its interrupts gives the prompt back, and its variables stay"""
        self.ok("let rounds = 0, on = true; const nap = () => new Promise((r) => setTimeout(r, 5))")
        error = self.interrupt("while (on) { try { for (;;) await nap() } catch { rounds++ } }").error
        self.assertEqual(error["ename"], "InterruptError")
        self.assertIn("in the background", error["evalue"])
        self.assertEqual(self.value_of("on = false; rounds > 0"), "true")

    def test_native(self):
        """a cell inside native code costs the session, and the user is told"""
        error = self.interrupt("require('node:child_process').spawnSync('sleep', ['60'])").error
        self.assertIn(error["ename"], ("SessionEnded", "InterruptError"))
        self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2")

    def test_disposing(self):
        """a cell whose disposal never ends"""
        self.assertEqual(self.interrupt("await using held = { [Symbol.asyncDispose]: () => new Promise<void>(() => {}) }\nvoid held").error["ename"], "InterruptError")
        self.assertEqual(self.interrupt("({ [Symbol.for('Jupyter.display')]: () => new Promise(() => {}) })").error["ename"], "InterruptError")
        self.assertEqual(self.value_of("1 + 1", timeout=SOON), "2")


class TypeServer(KernelCase):
    def server(self):
        for pid in spawned(self.manager):
            try:
                if b"--lsp" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return pid
            except FileNotFoundError:
                pass
        return None

    def test_hangs(self):
        """a type server that hangs costs one cell its check, which is told; an interrupt ends the waiting; a new one checks the next"""
        self.ok("const known = 1")
        os.kill(self.server(), signal.SIGSTOP)
        running = self.client.execute("const more = known + 1")
        time.sleep(0.5)
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(running, timeout=8).error["ename"], "InterruptError")
        outcome = self.ok("known + 1", timeout=40)
        self.assertEqual(outcome.result, "2")
        self.assertIn("were not checked", outcome.stream("stderr"))
        self.assertEqual(self.fails("const wrong: string = known", timeout=40).error["ename"], "TypeScriptError")

    def test_dies(self):
        """a type server that is killed is replaced"""
        os.kill(self.server(), signal.SIGKILL)
        self.run_cell("1", timeout=40)
        self.assertEqual(self.fails("const wrong: string = 1", timeout=40).error["ename"], "TypeScriptError")


class LockedHistory(KernelCase):
    @classmethod
    def setUpClass(cls):
        cls.path = os.path.join(tempfile.mkdtemp(prefix="history-"), "history.sqlite")
        cls.env = {"TYPESCRIPT_KERNEL_HISTORY": cls.path}
        super().setUpClass()

    def test_locked(self):
        """a history that another program has locked stops no cell, and gets what it missed"""
        self.ok("'before'")
        other = sqlite3.connect(self.path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        for n in range(5):
            self.assertEqual(self.value_of(f"{n}", timeout=SOON), str(n))
        self.client.history(hist_access_type="tail", n=3)
        other.execute("COMMIT")
        self.ok("'after'")
        self.assertEqual([row[0] for row in other.execute("SELECT input FROM history ORDER BY line")][-6:], ["0", "1", "2", "3", "4", "'after'"])
        other.close()


class NoHistory(KernelCase):
    env = {"TYPESCRIPT_KERNEL_HISTORY": "/proc/no/such/place/history.sqlite"}

    def test_none(self):
        """a history that cannot be opened lasts as long as the kernel"""
        self.ok("'first'")
        reply = self.shell_reply(self.client.history(hist_access_type="tail", n=3))
        self.assertEqual([entry[2] for entry in reply["history"]], ["'first'"])


class FullHistory(LockedHistory):
    def test_locked(self):
        """a history whose file can no longer be written stops no cell"""
        self.ok("'before'")
        other = sqlite3.connect(self.path, isolation_level=None)
        other.execute("DROP TABLE history")
        other.close()
        for n in range(3):
            self.assertEqual(self.value_of(f"{n}", timeout=SOON), str(n))
        self.assertEqual(self.shell_reply(self.client.history(hist_access_type="tail", n=3))["status"], "ok")



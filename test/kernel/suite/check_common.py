"""What any kernel should do, whatever its language: the checks that the bench puts side by side for several kernels."""

import json
import os
import re
import time
from pathlib import Path

import zmq
from harness import KERNEL, KernelCase, spawned
from words import words_of

WORDS = words_of(KERNEL)
LONG = 15


class Common(KernelCase):
    healthy = True

    def setUp(self):
        # What one check broke must not count against the next.
        if not (Common.healthy and self.manager.is_alive()):
            self.tearDownClass()
            self.setUpClass()
        if KERNEL in ("python3", "deno", "tslab"):
            # They go on aborting for a moment after a cell that failed.
            time.sleep(0.3)
        self.others.clear()
        # Called in the reverse order: only where the check ended well.
        self.addCleanup(self.after)

    def after(self):
        Common.healthy = self._outcome.success


    def run_cell(self, code, timeout=8, **options):
        return super().run_cell(code, timeout=timeout, **options)

    def say(self, name, *values):
        if WORDS.get(name) is None:
            self.skipTest("does not apply")
        return WORDS[name].format(*values) if values else WORDS[name]

    def request(self, kind, content=None, channel="shell"):
        sender = getattr(self.client, f"{channel}_channel")
        message = self.client.session.msg(kind, content or {})
        sender.send(message)
        deadline = time.monotonic() + 5
        while True:
            reply = sender.get_msg(timeout=max(0.1, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply["content"]

    def results(self, outcome):
        """What a cell gave, shown as a result or, as tslab does, printed."""
        text = outcome.result if outcome.result is not None else outcome.stream()
        return re.sub(r"\x1b\[\d+m", "", text or "").strip()

    def test_info(self):
        """kernel_info: status ok, protocol 5.5"""
        content = self.request("kernel_info_request")
        self.assertEqual((content["status"], content["protocol_version"][:3]), ("ok", "5.5"))

    def test_info_control(self):
        """kernel_info on the control channel"""
        self.assertEqual(self.request("kernel_info_request", channel="control")["status"], "ok")

    def test_result(self):
        """a result is an execute_result with its count and metadata"""
        outcome = self.ok("6 * 7")
        content = outcome.contents("execute_result")[0]
        self.assertEqual((re.sub(r"\x1b\[\d+m", "", content["data"]["text/plain"]), content["execution_count"], content["metadata"]), ("42", outcome.reply["execution_count"], {}))

    def test_order(self):
        """streams come in order, before idle"""
        code = "\n".join(self.say("print", f"'{c}'") for c in "abc")
        self.assertEqual(self.ok(code).stream(), "a\nb\nc\n")

    def test_stderr(self):
        """stderr is stderr"""
        self.assertEqual(self.ok(self.say("error")).stream("stderr"), "wrong\n")

    def test_error(self):
        """an error has name, value and traceback, on iopub and in the reply"""
        outcome = self.fails(self.say("throw"))
        for content in (outcome.error, outcome.reply):
            self.assertEqual(content["evalue"], "own")
            self.assertIn(content["ename"], ("RangeError", "ValueError"))
            self.assertTrue(content["traceback"])

    def test_silent(self):
        """a silent cell publishes nothing and counts nothing"""
        before = self.ok("0").reply["execution_count"]
        self.assertEqual(self.run_cell(self.say("silent"), silent=True).kinds, [])
        self.assertEqual(self.ok("0").reply["execution_count"], before + 1)

    def test_expressions(self):
        """user_expressions are evaluated"""
        values = self.ok("0", user_expressions={"sum": "40 + 2", "bad": "nowhere.x"}).reply["user_expressions"]
        self.assertEqual((values["sum"]["data"]["text/plain"], values["bad"]["status"]), ("42", "error"))

    def test_abort(self):
        """an error aborts what is queued behind it"""
        first = self.client.execute(self.say("sleep", 0.3) + "\n" + self.say("throw"))
        second = self.client.execute(self.say("print", "'queued'"))
        self.assertEqual(self.finish(first, LONG).status, "error")
        self.assertEqual(self.finish(second, LONG).status, "aborted")

    def test_late(self):
        """late output belongs to the cell that started it, while another one runs"""
        first = self.client.execute(self.say("late"))
        self.finish(first, LONG)
        self.others.clear()
        self.finish(self.client.execute(self.say("sleep", 0.8)), LONG)
        late = [(m["parent_header"]["msg_id"], m["content"]["text"]) for m in self.others if m["msg_type"] == "stream"]
        self.assertEqual(late, [(first, "late\n")])

    def test_child(self):
        """what a child process writes is shown under its cell, before idle"""
        self.assertIn("from a child\n", self.ok(self.say("child")).stream())

    def test_prints(self):
        """10,000 small prints arrive whole and in order"""
        self.assertEqual(self.ok(self.say("prints"), timeout=LONG).stream(), "".join(f"{i}\n" for i in range(10000)))

    def test_big(self):
        """a print of 20 MB arrives whole"""
        self.assertEqual(self.ok(self.say("big"), timeout=30).stream(), "ab" * 10_000_000)

    def test_busy(self):
        """control and heartbeat are answered while a cell computes"""
        running = self.client.execute(self.say("busy", 4))
        time.sleep(0.5)
        began = time.monotonic()
        self.request("kernel_info_request", channel="control")
        beat = zmq.Context.instance().socket(zmq.REQ)
        info = self.manager.get_connection_info()
        beat.connect(f"tcp://{info['ip']}:{info['hb_port']}")
        beat.send(b"ping")
        self.assertTrue(beat.poll(3000))
        beat.close(0)
        self.assertLess(time.monotonic() - began, 3)
        self.finish(running, LONG)

    def test_signature(self):
        """a message with a wrong signature is dropped"""
        socket = zmq.Context.instance().socket(zmq.DEALER)
        info = self.manager.get_connection_info()
        socket.connect(f"tcp://{info['ip']}:{info['shell_port']}")
        header = json.dumps({"msg_id": "x", "msg_type": "kernel_info_request", "session": "s", "username": "u", "date": "2026-01-01T00:00:00Z", "version": "5.5"}).encode()
        socket.send_multipart([b"<IDS|MSG>", b"0" * 64, header, b"{}", b"{}", b"{}"])
        self.assertEqual(self.results(self.ok("1")), "1")
        answered = socket.poll(300)
        socket.close(0)
        self.assertFalse(answered)

    def test_welcome(self):
        """a subscriber is greeted with iopub_welcome"""
        socket = zmq.Context.instance().socket(zmq.SUB)
        socket.setsockopt(zmq.SUBSCRIBE, b"")
        info = self.manager.get_connection_info()
        socket.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
        greeted = socket.poll(2000) and b"iopub_welcome" in b"".join(socket.recv_multipart())
        socket.close(0)
        self.assertTrue(greeted)

    def test_history(self):
        """history by tail and by search"""
        self.ok("'in history'")
        for wanted in ({"hist_access_type": "tail", "n": 1}, {"hist_access_type": "search", "pattern": "*in hist*", "n": 5}):
            content = self.request("history_request", {"output": False, "raw": True, **wanted})
            self.assertIn("'in history'", [entry[2] for entry in content["history"]])

    def test_input(self):
        """a cell asks the front end for a line, and is refused where none is taken"""
        self.assertIn("Ada", self.results(self.run_cell(self.say("ask"), stdin=lambda message: self.client.input("Ada"))))
        self.assertEqual(self.run_cell(self.say("ask")).status, "error")

    def test_comms(self):
        """a comm for an unknown target is closed, comm_info is answered"""
        message = self.client.session.msg("comm_open", {"comm_id": "c1", "target_name": "nobody", "data": {}})
        self.client.shell_channel.send(message)
        self.assertIn("comm_close", [m["msg_type"] for m in self.collect(message["header"]["msg_id"], 5)])
        self.assertEqual(self.request("comm_info_request")["comms"], {})

    def test_html(self):
        """a display of HTML"""
        self.assertEqual(self.ok(self.say("html")).contents("display_data")[0]["data"]["text/html"], "<b>x</b>")

    def test_update(self):
        """a display that is updated"""
        self.assertIn("two", self.ok(self.say("update")).contents("update_display_data")[0]["data"]["text/plain"])

    def test_clear(self):
        """clear_output"""
        self.assertEqual(self.ok(self.say("clear")).contents("clear_output"), [{"wait": True}])

    def test_state(self):
        """later cells see earlier names"""
        self.ok(self.say("declare"))
        self.assertEqual(self.results(self.ok("shared + 2")), "42")

    def test_redeclared(self):
        """a function's name can be declared anew as a value"""
        function, value, name = self.say("function_then_value")
        self.ok(function)
        self.ok(value)
        self.assertEqual(self.results(self.ok(name)), "2")

    def test_await(self):
        """await at the top level"""
        self.assertEqual(self.results(self.ok(self.say("await"))), "5")

    def test_types(self):
        """a type error stops a cell before it runs"""
        self.assertEqual(self.fails(self.say("wrong_type")).stream(), "")

    def test_reload(self):
        """a local module is seen as it is after an edit"""
        name, before, after, code = self.say("module")
        (self.folder / name).write_text(before)
        self.assertEqual(self.results(self.ok(code)), "1")
        time.sleep(0.1)
        (self.folder / name).write_text(after)
        self.assertEqual(self.results(self.ok(code)), "22")

    def test_member(self):
        """completion of a member, and of an earlier name"""
        code, expected = self.say("member")
        self.assertTrue(any(match.endswith(expected) for match in self.shell_reply(self.client.complete(code, len(code)), 15)["matches"]))
        self.ok(self.say("declare"))
        self.assertIn("shared", self.shell_reply(self.client.complete("share", 5), 15)["matches"])

    def test_astral(self):
        """completion after astral text: positions are code points"""
        code, expected, start = self.say("astral")
        content = self.shell_reply(self.client.complete(code, len(code)), 5)
        self.assertTrue(any(match.endswith(expected) for match in content["matches"]))
        self.assertEqual(content["cursor_end"], len(code))

    def test_inspect(self):
        """inspection tells signature or documentation; found is false for nonsense"""
        code, expected = self.say("inspect")
        self.assertIn(expected, re.sub(r"\x1b\[[\d;]*m", "", self.shell_reply(self.client.inspect(code, len(code)), 15)["data"]["text/plain"]))
        content = self.shell_reply(self.client.inspect("nowhereToBeFound", 4), 15)
        self.assertEqual((content["status"], content["found"]), ("ok", False))

    def test_is_complete(self):
        """is_complete: complete, incomplete, invalid"""
        statuses = [self.shell_reply(self.client.is_complete(code), 15)["status"] for code in self.say("complete")]
        self.assertEqual(statuses, ["complete", "incomplete", "invalid"])

    def interrupted(self, code):
        running = self.client.execute(code)
        time.sleep(0.6)
        self.manager.interrupt_kernel()
        return self.finish(running, 6)

    def test_interrupt(self):
        """a synchronous loop is interrupted, its state kept"""
        self.assertEqual(self.interrupted(self.say("loop")).status, "error")
        self.assertGreater(int(self.results(self.ok("n + 0"))), 1000)

    def test_interrupt_await(self):
        """a pending await is interrupted"""
        self.assertEqual(self.interrupted(self.say("pending")).status, "error")
        self.assertEqual(self.results(self.ok("1")), "1")

    def test_interrupt_idle(self):
        """an interrupt of an idle kernel does no harm"""
        self.manager.interrupt_kernel()
        time.sleep(0.3)
        self.assertEqual(self.results(self.ok("1", timeout=5)), "1")

    def test_stray(self):
        """an error that nobody catches is told and survived"""
        msg = self.client.execute(self.say("stray"))
        first = self.finish(msg, LONG)
        self.others.clear()
        self.ok(self.say("sleep", 0.3), timeout=5)
        self.assertIn("nobody caught it", str([m["content"] for m in first.messages + self.others]))

    def test_exit(self):
        """code that ends its process is told of, and the same kernel runs the next cell"""
        pid = self.manager.provisioner.process.pid
        running = self.client.execute(self.say("exit"))
        self.assertEqual(self.finish(running, 5).status, "error")
        self.assertEqual(self.results(self.ok("1", timeout=10)), "1")
        self.assertEqual(self.manager.provisioner.process.pid, pid)

    def test_debugger(self):
        """a debugger answers debugInfo"""
        content = self.request("debug_request", {"type": "request", "seq": 1, "command": "debugInfo"}, "control")
        self.assertTrue(content["success"])

    def test_subshell(self):
        """a subshell is made and listed"""
        subshell = self.request("create_subshell_request", channel="control")["subshell_id"]
        self.assertIn(subshell, self.request("list_subshell_request", channel="control")["subshell_id"])

    def test_listens(self):
        """nothing listens but the connection file's ports"""
        inodes = set()
        for pid in spawned(self.manager):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                try:
                    found = re.match(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{fd}"))
                except FileNotFoundError:
                    continue
                if found:
                    inodes.add(found[1])
        lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().split("\n")[1:]]
        ports = {int(f[1].split(":")[1], 16) for f in lines if len(f) > 9 and f[3] == "0A" and f[9] in inodes}
        info = self.manager.get_connection_info()
        self.assertEqual(ports, {info[f"{name}_port"] for name in ("shell", "control", "iopub", "stdin", "hb")})

    def test_zz_shutdown(self):
        """a shutdown is answered while a cell computes"""
        self.client.execute(self.say("busy", 20))
        time.sleep(0.5)
        began = time.monotonic()
        self.assertEqual(self.request("shutdown_request", {"restart": False}, "control")["status"], "ok")
        self.assertLess(time.monotonic() - began, 10)

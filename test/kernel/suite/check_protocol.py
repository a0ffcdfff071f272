import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
import unittest
import uuid
from pathlib import Path

import zmq
from harness import KERNEL, KernelCase, spawned
from jupyter_client.manager import KernelManager


class Requests(KernelCase):
    def request(self, kind, content=None, channel="shell", timeout=10):
        sender = getattr(self.client, f"{channel}_channel")
        message = self.client.session.msg(kind, content or {})
        sender.send(message)
        reply = sender.get_msg(timeout=timeout)
        while reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            reply = sender.get_msg(timeout=timeout)
        return reply

    def test_kernel_info(self):
        """kernel_info tells protocol 5.5, true versions, status ok, on shell and on control"""
        root = Path(__file__).resolve().parents[3]
        for channel in ("shell", "control"):
            content = self.request("kernel_info_request", channel=channel)["content"]
            self.assertEqual((content["status"], content["protocol_version"]), ("ok", "5.5"))
            self.assertEqual(content["implementation_version"], json.loads((root / "lib/kernel/package.json").read_text())["version"])
            pinned = json.loads((root / "lib/kernel/package.json").read_text())["dependencies"]["typescript"]
            self.assertEqual(content["language_info"]["version"], pinned)
            self.assertEqual(content["language_info"]["file_extension"], ".ts")
            self.assertIsInstance(content["supported_features"], list)

    def test_features(self):
        """what is announced in supported_features is answered"""
        features = self.request("kernel_info_request")["content"]["supported_features"]
        self.assertIn("kernel subshells", features)
        if "debugger" in features:
            info = {"type": "request", "seq": 1, "command": "debugInfo"}
            self.assertTrue(self.request("debug_request", info, "control")["content"]["success"])
        reply = self.request("create_subshell_request", channel="control")["content"]
        self.assertEqual(reply["status"], "ok")
        subshell = reply["subshell_id"]
        self.assertIn(subshell, self.request("list_subshell_request", channel="control")["content"]["subshell_id"])
        self.assertEqual(self.request("delete_subshell_request", {"subshell_id": subshell}, "control")["content"]["status"], "ok")

    def test_order(self):
        """busy, execute_input, streams in order, the result, idle: in this order, reply besides"""
        code = "console.log('a'); console.error('b'); console.log('c'); 5"
        outcome = self.ok(code)
        kinds = [m["msg_type"] for m in outcome.messages]
        self.assertEqual((kinds[0], kinds[1], kinds[-1]), ("status", "execute_input", "status"))
        self.assertEqual([c["text"] for c in outcome.contents("stream")], ["a\n", "b\n", "c\n"])
        self.assertEqual(kinds[-2], "execute_result")
        given = outcome.contents("execute_input")[0]
        result = outcome.contents("execute_result")[0]
        self.assertEqual(given["code"], code)
        self.assertEqual(given["execution_count"], result["execution_count"])
        self.assertEqual(outcome.reply["execution_count"], result["execution_count"])
        self.assertEqual(result["metadata"], {})
        self.assertEqual(result["data"], {"text/plain": "5"})

    def test_error(self):
        """an error goes to iopub and into the reply, its traceback coloured"""
        outcome = self.fails("throw new SyntaxError('own')")
        for content in (outcome.error, outcome.reply):
            self.assertEqual((content["ename"], content["evalue"]), ("SyntaxError", "own"))
            self.assertIn("\x1b[", "".join(content["traceback"]))
            self.assertRegex("\n".join(content["traceback"]), r"Cell \[\d+\]:1:7")

    def test_own_header(self):
        """the kernel has a session id of its own and dates that a client can read"""
        outcome = self.ok("1")
        mine = self.client.session.session
        sessions = {m["header"]["session"] for m in outcome.messages}
        self.assertEqual(len(sessions), 1)
        self.assertNotIn(mine, sessions)
        for message in outcome.messages:
            self.assertTrue(hasattr(message["header"]["date"], "year"), message["header"]["date"])
            self.assertEqual(message["header"]["version"], "5.5")

    def test_silent(self):
        """a silent cell counts nothing and publishes nothing but its status"""
        before = self.ok("0").reply["execution_count"]
        outcome = self.run_cell("(globalThis as any).quiet = 1; console.log('x'); 7", silent=True)
        self.assertEqual([m["msg_type"] for m in outcome.messages], ["status", "status"])
        self.assertEqual(self.ok("0").reply["execution_count"], before + 1)
        self.assertEqual(self.value_of("(globalThis as any).quiet"), "1")

    def test_store_history(self):
        """a cell outside the history does not raise the count"""
        before = self.ok("0").reply["execution_count"]
        outcome = self.run_cell("8", store_history=False)
        self.assertEqual(outcome.result, "8")
        self.assertEqual(self.ok("0").reply["execution_count"], before + 1)

    def test_user_expressions(self):
        """user_expressions are evaluated after the cell, each with its own outcome"""
        outcome = self.ok("const forty: number = 40", user_expressions={"sum": "forty + 2", "bad": "nowhere.x", "later": "await Promise.resolve('p')"})
        values = outcome.reply["user_expressions"]
        self.assertEqual(values["sum"]["status"], "ok")
        self.assertEqual(values["sum"]["data"]["text/plain"], "42")
        self.assertEqual(values["later"]["data"]["text/plain"], "'p'")
        self.assertEqual((values["bad"]["status"], values["bad"]["ename"]), ("error", "ReferenceError"))

    def test_stop_on_error(self):
        """an error aborts what is queued behind it, and only that"""
        first = self.client.execute("await new Promise((r) => setTimeout(r, 300)); throw new Error('stop')")
        queued = [self.client.execute(f"console.log('queued {n}')") for n in range(2)]
        self.assertEqual(self.finish(first).status, "error")
        for each in queued:
            outcome = self.finish(each)
            self.assertEqual(outcome.status, "aborted")
            self.assertEqual(outcome.stream(), "")
        self.assertEqual(self.value_of("'after'"), "'after'")

    def test_no_stop_on_error(self):
        """with stop_on_error false the queue goes on"""
        first = self.client.execute("await new Promise((r) => setTimeout(r, 200)); throw new Error('go on')", stop_on_error=False)
        second = self.client.execute("'went on'")
        self.assertEqual(self.finish(first).status, "error")
        self.assertEqual(self.finish(second).result, "'went on'")

    def test_late_output(self):
        """late output of a timer belongs to the cell that started it, also while a later cell runs"""
        first = self.client.execute("setTimeout(() => console.log('late'), 300); 'started'")
        self.finish(first)
        self.others.clear()
        second = self.finish(self.client.execute("await new Promise((r) => setTimeout(r, 600)); console.log('second')"))
        self.assertEqual(second.stream(), "second\n")
        late = [m for m in self.others if m["msg_type"] == "stream"]
        self.assertEqual([(m["parent_header"]["msg_id"], m["content"]["text"]) for m in late], [(first, "late\n")])

    def test_child_output(self):
        """what a child process and a worker write is shown under the running cell, before idle"""
        outcome = self.ok("import { spawnSync } from 'node:child_process'; spawnSync('echo', ['from a child'], { stdio: 'inherit' });")
        self.assertEqual(outcome.stream(), "from a child\n")
        outcome = self.ok(
            "import { Worker } from 'node:worker_threads';\n"
            "await new Promise((r) => new Worker('console.log(\"from a worker\")', { eval: true }).on('exit', r));"
        )
        self.assertEqual(outcome.stream(), "from a worker\n")

    def test_many_prints(self):
        """10,000 small prints arrive whole, in order, in far fewer messages"""
        outcome = self.ok("for (let i = 0; i < 10000; i++) console.log(i)")
        self.assertEqual(outcome.stream(), "".join(f"{i}\n" for i in range(10000)))
        self.assertLess(len(outcome.contents("stream")), 1000)

    def test_big_print(self):
        """one print of 50 MB arrives whole"""
        outcome = self.ok("process.stdout.write('ab'.repeat(25e6))", timeout=60)
        self.assertEqual(hashlib.sha256(outcome.stream().encode()).hexdigest(), hashlib.sha256(b"ab" * 25_000_000).hexdigest())

    def test_control_while_busy(self):
        """kernel_info on control and the heartbeat are answered at once while a cell computes"""
        running = self.client.execute("while (true);")
        time.sleep(0.4)
        self.request("kernel_info_request", channel="control")
        context = zmq.Context.instance()
        beat = context.socket(zmq.REQ)
        info = self.manager.get_connection_info()
        beat.connect(f"tcp://{info['ip']}:{info['hb_port']}")
        beat.send(b"ping")
        self.assertTrue(beat.poll(10_000))
        self.assertEqual(beat.recv(), b"ping")
        beat.close(0)
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(running).error["ename"], "InterruptError")

    def test_garbage(self):
        """wrong signatures, garbage and unknown types are dropped and survived"""
        info = self.manager.get_connection_info()
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.connect(f"tcp://{info['ip']}:{info['shell_port']}")
        header = json.dumps({"msg_id": "x", "msg_type": "execute_request", "session": "s", "username": "u", "date": "", "version": "5.5"}).encode()
        content = json.dumps({"code": "(globalThis as any).forged = true", "silent": False}).encode()
        good = hmac.new(info["key"] if isinstance(info["key"], bytes) else info["key"].encode(), digestmod=hashlib.sha256)
        for part in (header, b"{}", b"{}", b"[1"):
            good.update(part)
        for frames in (
            [b"<IDS|MSG>", b"0" * 64, header, b"{}", b"{}", content],
            [b"<IDS|MSG>", b"", header, b"{}", b"{}", content],
            [b"<IDS|MSG>", good.hexdigest().encode(), header, b"{}", b"{}", b"[1"],
            [b"nothing"],
            [b""],
            [b"<IDS|MSG>"],
        ):
            socket.send_multipart(frames)
        self.client.shell_channel.send(self.client.session.msg("no_such_request", {}))
        self.assertEqual(self.value_of("(globalThis as any).forged"), None)
        self.assertFalse(socket.poll(200))
        socket.close(0)

    def test_welcome(self):
        """a new subscriber is greeted with iopub_welcome"""
        info = self.manager.get_connection_info()
        socket = zmq.Context.instance().socket(zmq.SUB)
        socket.setsockopt(zmq.SUBSCRIBE, b"")
        socket.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
        self.assertTrue(socket.poll(3000))
        frames = socket.recv_multipart()
        header = json.loads(frames[frames.index(b"<IDS|MSG>") + 2])
        self.assertEqual(header["msg_type"], "iopub_welcome")
        socket.close(0)

    def test_topics(self):
        """iopub messages carry a topic that names their type"""
        info = self.manager.get_connection_info()
        socket = zmq.Context.instance().socket(zmq.SUB)
        socket.setsockopt(zmq.SUBSCRIBE, b"")
        socket.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
        socket.poll(2000)
        self.ok("console.log('topic')")
        topics = []
        while socket.poll(300):
            topics.append(socket.recv_multipart()[0].decode())
        self.assertTrue(any(topic.endswith("stream") for topic in topics), topics)
        socket.close(0)

    def test_history(self):
        """history by tail, range and search"""
        self.ok("const inHistory = 'one'")
        self.ok("'two lines'\n'of history'")
        tail = self.request("history_request", {"hist_access_type": "tail", "n": 2, "output": False, "raw": True})["content"]
        self.assertEqual([entry[2] for entry in tail["history"]], ["const inHistory = 'one'", "'two lines'\n'of history'"])
        number = tail["history"][0][1]
        ranged = self.request("history_request", {"hist_access_type": "range", "session": 0, "start": number, "stop": number + 1, "output": True, "raw": True})["content"]
        self.assertEqual(ranged["history"][0][1:], [number, ["const inHistory = 'one'", None]])
        found = self.request("history_request", {"hist_access_type": "search", "pattern": "*inHist*", "n": 5, "output": False, "raw": True, "unique": True})["content"]
        self.assertEqual([entry[2] for entry in found["history"]], ["const inHistory = 'one'"])

    def test_subshell(self):
        """a cell sent to a subshell runs while the main shell's cell waits, and shares its names"""
        subshell = self.request("create_subshell_request", channel="control")["content"]["subshell_id"]
        self.ok("let open: (() => void) | undefined; const gate = new Promise<void>((r) => { open = r })")
        waiting = self.client.execute("await gate; console.log('let through'); 'main'")
        message = self.client.session.msg("execute_request", {"code": "console.log('in the subshell'); open?.(); 'sub'", "silent": False})
        message["header"]["subshell_id"] = subshell
        time.sleep(0.3)
        self.client.shell_channel.send(message)
        wanted, seen, replies = {waiting: "main", message["header"]["msg_id"]: "sub"}, {}, []
        while len(replies) < 2:
            reply = self.client.get_shell_msg(timeout=10)
            replies.append((wanted[reply["parent_header"]["msg_id"]], reply["content"]["status"]))
        while sum(kind == "idle" for _, kind in seen) < 2:
            published = self.client.get_iopub_msg(timeout=10)
            name = wanted.get(published["parent_header"].get("msg_id"))
            if name is not None:
                content = published["content"]
                seen[name, content.get("execution_state") or content.get("text") or str(content.get("data"))] = True
        self.assertEqual(replies, [("sub", "ok"), ("main", "ok")])
        for each in (("sub", "in the subshell\n"), ("main", "let through\n"), ("sub", "{'text/plain': \"'sub'\"}"), ("main", "{'text/plain': \"'main'\"}")):
            self.assertIn(each, seen)
        self.request("delete_subshell_request", {"subshell_id": subshell}, "control")
        message = self.client.session.msg("execute_request", {"code": "1"})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        self.assertEqual(self.shell_reply(message["header"]["msg_id"])["status"], "error")

    def test_connect(self):
        """connect_request tells the ports"""
        content = self.request("connect_request")["content"]
        self.assertEqual(content["shell_port"], self.manager.get_connection_info()["shell_port"])


class Input(KernelCase):
    def answer(self, value):
        def reply(message):
            self.asked.append(message["content"])
            self.client.input(value)

        return reply

    def setUp(self):
        self.asked = []

    def test_prompt(self):
        """prompt, confirm and password ask the front end and wait"""
        self.assertEqual(self.run_cell("prompt('your name?')", stdin=self.answer("Ada")).result, "'Ada'")
        self.assertEqual(self.asked, [{"prompt": "your name?", "password": False}])
        self.assertEqual(self.run_cell("confirm('sure?')", stdin=self.answer("y")).result, "true")
        self.assertEqual(self.run_cell("password('key')", stdin=self.answer("secret")).result, "'secret'")
        self.assertEqual(self.asked[-1], {"prompt": "key", "password": True})

    def test_refused(self):
        """input is refused in words where the front end takes none"""
        self.assertIn("allow_stdin", self.fails("prompt('x')").error["evalue"])

    def test_interrupted(self):
        """an interrupt ends the wait for input"""
        outcome = self.run_cell("prompt('never answered')", stdin=lambda message: self.manager.interrupt_kernel())
        self.assertEqual(outcome.error["ename"], "InterruptError")
        self.assertEqual(self.value_of("1"), "1")


class Comms(KernelCase):
    def send(self, kind, content):
        message = self.client.session.msg(kind, content)
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def test_both_ways(self):
        """comms open from either side, carry messages and buffers, are listed and closed"""
        self.ok("cell.comms.registerTarget('echo', (comm, data) => { comm.onMessage((m, buffers) => comm.send({ back: m, size: buffers.length })); comm.send({ opened: data }) })")
        comm_id = uuid.uuid4().hex
        opened = self.collect(self.send("comm_open", {"comm_id": comm_id, "target_name": "echo", "data": {"a": 1}}))
        self.assertEqual([m["content"]["data"] for m in opened if m["msg_type"] == "comm_msg"], [{"opened": {"a": 1}}])
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": {"b": 2}})
        self.client.session.send(self.client.shell_channel.socket, message, buffers=[b"xyz"])
        told = self.collect(message["header"]["msg_id"])
        self.assertEqual([m["content"]["data"] for m in told if m["msg_type"] == "comm_msg"], [{"back": {"b": 2}, "size": 1}])
        info = self.client.comm_info()
        listed = self.client.get_shell_msg(timeout=5)["content"]["comms"]
        self.assertEqual(listed, {comm_id: {"target_name": "echo"}})
        self.collect(info)
        self.collect(self.send("comm_close", {"comm_id": comm_id, "data": {}}))
        info = self.client.comm_info()
        self.assertEqual(self.client.get_shell_msg(timeout=5)["content"]["comms"], {})
        self.collect(info)

    def test_kernel_opens(self):
        """a cell opens a comm, with buffers"""
        outcome = self.ok("const mine = cell.comms.open('front', { hello: 1 }, { buffers: [new Uint8Array([1, 2, 3])] }); mine.close()")
        opened = [m for m in outcome.messages if m["msg_type"] == "comm_open"][0]
        self.assertEqual((opened["content"]["target_name"], opened["content"]["data"]), ("front", {"hello": 1}))
        self.assertEqual([bytes(b) for b in opened["buffers"]], [b"\x01\x02\x03"])
        self.assertIn("comm_close", [m["msg_type"] for m in outcome.messages])

    def test_widget(self):
        """a widget speaks anywidget's protocol: its state goes both ways, and drives what a cell shows"""
        code = (
            "const slider = cell.widget({ esm: 'export default { render() {} }', state: { value: 3 } })\n"
            "slider.onChange('value', (v) => { cell.displayData({ 'text/plain': `chart of ${v}` }, { displayId: 'chart', update: true }); slider.set('label', `at ${v}`) })\n"
            "slider"
        )
        outcome = self.ok(code)
        opened = next(m for m in outcome.messages if m["msg_type"] == "comm_open")
        self.assertEqual((opened["content"]["target_name"], opened["metadata"]["version"]), ("jupyter.widget", "2.1.0"))
        state = opened["content"]["data"]["state"]
        self.assertEqual((state["_model_module"], state["_model_name"], state["value"]), ("anywidget", "AnyModel", 3))
        view = outcome.contents("execute_result")[0]["data"]["application/vnd.jupyter.widget-view+json"]
        comm_id = opened["content"]["comm_id"]
        self.assertEqual(view["model_id"], comm_id)
        moved = self.collect(self.send("comm_msg", {"comm_id": comm_id, "data": {"method": "update", "state": {"value": 7}, "buffer_paths": []}}))
        contents = {m["msg_type"]: m["content"] for m in moved}
        self.assertEqual(contents["update_display_data"]["data"]["text/plain"], "chart of 7")
        self.assertEqual(contents["comm_msg"]["data"]["state"], {"label": "at 7"})
        self.assertEqual(self.value_of("slider.get('value')"), "7")
        told = self.collect(self.send("comm_msg", {"comm_id": comm_id, "data": {"method": "request_state"}}))
        state = next(m["content"]["data"]["state"] for m in told if m["msg_type"] == "comm_msg")
        self.assertEqual((state["_model_name"], state["value"], state["label"]), ("AnyModel", 7, "at 7"))
        self.ok("slider.close()")
        self.assertEqual(self.value_of("cell.slider({ min: 1, max: 5 }).get('value')"), "1")

    def test_unknown_target(self):
        """a comm for an unknown target is closed at once"""
        comm_id = uuid.uuid4().hex
        messages = self.collect(self.send("comm_open", {"comm_id": comm_id, "target_name": "nobody", "data": {}}))
        self.assertIn(("comm_close", comm_id), [(m["msg_type"], m["content"].get("comm_id")) for m in messages])


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids, within):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


class Life(unittest.TestCase):
    def start(self, transport="tcp"):
        manager = KernelManager(kernel_name=KERNEL, transport=transport)
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=30)
        self.addCleanup(client.stop_channels)
        return manager, client

    def test_ipc(self):
        """the kernel speaks over ipc as over tcp"""
        manager, client = self.start("ipc")
        reply = client.execute_interactive("console.log('ipc')", timeout=20, output_hook=lambda m: None)
        self.assertEqual(reply["content"]["status"], "ok")
        manager.shutdown_kernel(now=True)

    def test_shutdown_busy(self):
        """shutdown is answered at once while a cell computes, and ends the kernel and all it started"""
        manager, client = self.start()
        client.execute("import { spawn } from 'node:child_process'; spawn('sleep', ['600']); while (true);")
        deadline = time.monotonic() + 10
        while len(pids := spawned(manager)) < 4 and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertGreaterEqual(len(pids), 4)
        message = client.session.msg("shutdown_request", {"restart": True})
        client.control_channel.send(message)
        reply = client.control_channel.get_msg(timeout=10)
        self.assertEqual((reply["msg_type"], reply["content"]["restart"], reply["content"]["status"]), ("shutdown_reply", True, "ok"))
        self.assertTrue(gone(pids, 15), pids)

    def test_restart(self):
        """a restart gives a fresh kernel"""
        manager, client = self.start()
        client.execute_interactive("const before = 1", timeout=20)
        manager.restart_kernel()
        client.wait_for_ready(timeout=30)
        reply = client.execute_interactive("before", timeout=20, output_hook=lambda m: None)
        self.assertEqual(reply["content"]["status"], "error")
        manager.shutdown_kernel(now=True)

    def test_history_kept(self):
        """the history outlives its session: another kernel finds it by tail, by range and by search"""
        mark = f"'kept {uuid.uuid4().hex}'"
        for session in range(2):
            manager, client = self.start()
            if session == 0:
                client.execute_interactive(mark, timeout=20, output_hook=lambda m: None)
            else:
                for options in ({"hist_access_type": "search", "pattern": f"*{mark}*", "n": 5}, {"hist_access_type": "tail", "n": 500}, {"hist_access_type": "range", "session": kept, "start": 1, "stop": 2}):
                    found = client.history(raw=True, output=False, reply=True, timeout=10, **options)["content"]["history"]
                    self.assertIn([kept, 1, mark], [list(entry) for entry in found], options)
            kept = client.history(raw=True, output=False, hist_access_type="tail", n=1, reply=True, timeout=10)["content"]["history"][0][0]
            manager.shutdown_kernel()

    def test_parent_dies(self):
        """the kernel ends when the process that started it dies"""
        script = (
            "import os, sys, time\n"
            "from jupyter_client.manager import KernelManager\n"
            f"m = KernelManager(kernel_name={KERNEL!r}); m.start_kernel(); c = m.client(); c.start_channels(); c.wait_for_ready(timeout=30)\n"
            "print(m.provisioner.process.pid, flush=True)\n"
            "os._exit(0)\n"
        )
        out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
        self.assertTrue(gone([int(out.stdout.strip().split()[-1])], 15))

    def test_no_listener(self):
        """nothing listens but the ports of the connection file"""
        manager, client = self.start()
        client.execute_interactive("1", timeout=20, output_hook=lambda m: None)
        pids = spawned(manager)
        inodes = set()
        for pid in pids:
            for fd in os.listdir(f"/proc/{pid}/fd"):
                try:
                    target = os.readlink(f"/proc/{pid}/fd/{fd}")
                except FileNotFoundError:
                    continue
                found = re.match(r"socket:\[(\d+)\]", target)
                if found:
                    inodes.add(found[1])
        ports = set()
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().split("\n")[1:]:
                fields = line.split()
                if len(fields) > 9 and fields[3] == "0A" and fields[9] in inodes:
                    ports.add(int(fields[1].split(":")[1], 16))
        info = manager.get_connection_info()
        self.assertEqual(ports, {info[f"{name}_port"] for name in ("shell", "control", "iopub", "stdin", "hb")})
        manager.shutdown_kernel(now=True)

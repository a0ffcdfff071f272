import queue
import time

from harness import KernelCase


class Debugger(KernelCase):
    files = {"../lib/part.ts": "export function part(n: number): number {\n  const doubled = n * 2;\n  return doubled;\n}\n"}
    seq = 0

    def ask(self, command, **arguments):
        Debugger.seq += 1
        message = self.client.session.msg("debug_request", {"type": "request", "seq": self.seq, "command": command, "arguments": arguments})
        self.client.control_channel.send(message)
        while True:
            reply = self.client.control_channel.get_msg(timeout=10)
            if reply["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                content = reply["content"]
                self.assertEqual((content["type"], content["command"], content["request_seq"]), ("response", command, self.seq))
                self.assertTrue(content["success"], content)
                return content["body"]

    def event(self, name, timeout=10):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                continue
            if message["msg_type"] == "debug_event" and message["content"]["event"] == name:
                return message["content"]
        raise AssertionError(f"no debug_event {name}")

    def setUp(self):
        self.ask("initialize", clientID="test", adapterID="")
        self.event("initialized")
        self.ask("attach")
        self.ask("configurationDone")

    def tearDown(self):
        self.ask("disconnect")

    def top(self):
        return self.ask("stackTrace", threadId=1)["stackFrames"]

    def locals(self):
        frame = self.top()[0]["id"]
        found = {}
        for scope in self.ask("scopes", frameId=frame)["scopes"]:
            if scope["name"] in ("Local", "Block"):
                for variable in self.ask("variables", variablesReference=scope["variablesReference"])["variables"]:
                    found[variable["name"]] = variable["value"]
        return found

    def test_cell(self):
        """a breakpoint in a cell stops it at its line; frames, variables, evaluation, stepping, going on"""
        code = "function sum(list: number[]): number {\n  let total = 0;\n  for (const each of list) total += each;\n  return total;\n}\nconst answer = sum([1, 2, 3]);\nanswer + 1"
        path = self.ask("dumpCell", code=code)["sourcePath"]
        set_to = self.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 4}], sourceModified=False)["breakpoints"]
        self.assertEqual([(b["verified"], b["line"]) for b in set_to], [(True, 4)])
        running = self.client.execute(code)
        self.assertEqual(self.event("stopped")["body"]["reason"], "breakpoint")
        self.assertEqual(self.ask("debugInfo")["stoppedThreads"], [1])
        frames = self.top()
        self.assertEqual([(f["name"], f["line"], f["source"]["path"]) for f in frames[:2]], [("sum", 4, path), ("(cell)", 6, path)])
        self.assertEqual(self.locals()["total"], "6")
        self.assertEqual(self.ask("evaluate", expression="total * 7", frameId=frames[0]["id"])["result"], "42")
        self.assertEqual(self.ask("source", source={"path": path})["content"], code)
        self.ask("stepOut", threadId=1)
        self.event("stopped")
        self.assertEqual(self.top()[0]["line"], 6)
        self.ask("next", threadId=1)
        self.event("stopped")
        self.assertEqual(self.top()[0]["line"], 7)
        self.ask("continue", threadId=1)
        self.assertEqual(self.finish(running).result, "7")

    def test_file(self):
        """a breakpoint in an imported local file"""
        path = str((self.folder / "../lib/part.ts").resolve())
        self.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3}])
        running = self.client.execute("import { part } from '../lib/part.ts'\npart(21)")
        self.event("stopped")
        frame = self.top()[0]
        self.assertEqual((frame["name"], frame["line"], frame["source"]["path"]), ("part", 3, path))
        self.assertEqual(self.locals()["doubled"], "42")
        self.ask("continue", threadId=1)
        self.assertEqual(self.finish(running).result, "42")

    def test_await(self):
        """stepping over an await"""
        code = "let stage = 1;\nawait new Promise((r) => setTimeout(r, 50));\nstage = 2;\nstage;"
        path = self.ask("dumpCell", code=code)["sourcePath"]
        self.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 2}])
        running = self.client.execute(code)
        self.event("stopped")
        self.ask("next", threadId=1)
        self.event("stopped")
        self.assertEqual(self.top()[0]["line"], 3)
        self.ask("continue", threadId=1)
        self.assertEqual(self.finish(running).result, "2")

    def test_variables(self):
        """the variables of all cells, without a breakpoint"""
        self.ok("const listed = { a: 1 }; let number = 5")
        variables = {v["name"]: v["value"] for v in self.ask("inspectVariables")["variables"]}
        self.assertEqual(variables["number"], "5")
        self.assertIn("listed", variables)
        self.assertIn("5", self.ask("richInspectVariables", variableName="number")["data"]["text/plain"])

    def test_info(self):
        """a front end can compute a cell's path from debugInfo; the hash is Jupyter's"""
        info = self.ask("debugInfo")
        self.assertEqual((info["isStarted"], info["hashMethod"], info["tmpFileSuffix"]), (True, "Murmur2", ".ts"))
        from ipykernel.compiler import murmur2_x86

        code = "const x = 'ü😀'"
        self.assertEqual(self.ask("dumpCell", code=code)["sourcePath"], f"{info['tmpFilePrefix']}{murmur2_x86(code, info['hashSeed'])}{info['tmpFileSuffix']}")

    def test_interrupt(self):
        """an interrupt frees a cell that stands at a breakpoint"""
        code = "for (let i = 0; ; i++) {\n  Math.sqrt(i);\n}"
        path = self.ask("dumpCell", code=code)["sourcePath"]
        self.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 2}])
        running = self.client.execute(code)
        self.event("stopped")
        self.ask("setBreakpoints", source={"path": path}, breakpoints=[])
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(running).status, "error")

import time

from harness import KernelCase


class Completion(KernelCase):
    files = {"data.json": "{}", "sub/part.ts": "export const deepName = 1;\n"}

    def matches(self, code, at=None):
        """Completes at `|` in the code."""
        at = code.index("|") if at is None else at
        code = code.replace("|", "", 1)
        content = self.shell_reply(self.client.complete(code, at))
        self.assertEqual(content["status"], "ok")
        self.content = content
        return content["matches"]

    def test_members(self):
        """members by type"""
        self.assertEqual(self.matches("'text'.trimS|"), ["trimStart"])
        self.assertIn("sqrt", self.matches("Math.|"))

    def test_earlier(self):
        """names and members of earlier cells"""
        self.ok("const earlierName = { inner: { deepest: 1 } }\ninterface EarlierType { a: 1 }")
        self.assertEqual(self.matches("earlierN|"), ["earlierName"])
        self.assertEqual(self.matches("earlierName.inner.de|"), ["deepest"])
        self.assertEqual(self.matches("let t: EarlierT|"), ["EarlierType"])

    def test_same_cell(self):
        """names of the same cell, not yet run, also above the cursor only"""
        self.assertEqual(self.matches("const fresh = { one: 1 }\nfresh.o|"), ["one"])
        self.assertEqual(self.matches("function localOne() {}\nlocalO|\nconst after = 1"), ["localOne"])

    def test_modules(self):
        """module names, names of a module, paths"""
        self.assertIn("node:fs", self.matches("import fs from 'node:f|'"))
        self.assertEqual(self.matches("import { readFileS| } from 'node:fs'"), ["readFileSync"])
        self.assertIn("part.ts" if "part.ts" in self.matches("import { deepName } from './sub/|'") else "part", self.matches("import { deepName } from './sub/|'"))
        self.assertEqual(self.matches("import { deepN| } from './sub/part.ts'"), ["deepName"])

    def test_any(self):
        """run-time properties of an any, without side effects"""
        self.ok("const loose: any = { runtimeOnly: { further: 1 }, get dangerous() { (globalThis as any).touched = true; return {} } }")
        self.assertEqual(self.matches("loose.runtimeO|"), ["runtimeOnly"])
        self.assertEqual(self.matches("loose.runtimeOnly.fur|"), ["further"])
        self.matches("loose.dangerous.x|")
        self.assertEqual(self.value_of("(globalThis as any).touched"), None)

    def test_mid_line(self):
        """in the middle of a line and of a word; the range covers the word"""
        self.assertEqual(self.matches("const a = Math.fl|oo(1.5) + 2"), ["floor"])
        self.assertEqual((self.content["cursor_start"], self.content["cursor_end"]), (15, 19))

    def test_code_points(self):
        """positions count code points, after multi-byte and astral text"""
        self.assertEqual(self.matches("const s = 'é😀𝒳'; 'x'.trimE|"), ["trimEnd"])
        self.assertEqual((self.content["cursor_start"], self.content["cursor_end"]), (21, 26))

    def test_types_metadata(self):
        """the kinds of matches are told as JupyterLab reads them"""
        self.matches("Math.fl|")
        entry = self.content["metadata"]["_jupyter_types_experimental"][0]
        self.assertEqual((entry["text"], entry["type"]), ("floor", "method"))

    def test_broken(self):
        """in code that cannot be parsed yet"""
        self.assertIn("floor", self.matches("if (true) {\n  const x = Math.|\n"))
        self.assertIn("sep", self.matches("import * as path from 'node:path'\npath.|"))

    def test_busy(self):
        """while a cell computes"""
        running = self.client.execute("while (true);")
        time.sleep(0.3)
        self.assertIn("sqrt", self.matches("Math.sq|"))
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(running).error["ename"], "InterruptError")


class Inspection(KernelCase):
    def inspected(self, code, level=0):
        at = code.index("|")
        return self.shell_reply(self.client.inspect(code.replace("|", "", 1), at, detail_level=level))

    def test_signature(self):
        """signature, type and documentation"""
        text = self.inspected("parseInt|")["data"]["text/plain"]
        self.assertIn("parseInt(string: string, radix?: number): number", text)
        self.assertIn("Converts a string to an integer", text)

    def test_own(self):
        """names of earlier cells with their comments; level 1 shows the source as well"""
        self.ok("/** Halves a number. */\nfunction half(n: number): number {\n  return n / 2\n}\nconst sized = new Map<string, number>()")
        text = self.inspected("half|(3)")["data"]["text/plain"]
        self.assertIn("half(n: number): number", text)
        self.assertIn("Halves a number.", text)
        self.assertNotIn("return n / 2", text)
        self.assertIn("return n / 2", self.inspected("half|(3)", 1)["data"]["text/plain"])
        self.assertIn("Map<string, number>", self.inspected("siz|ed")["data"]["text/plain"])

    def test_in_call(self):
        """inside the parentheses of a call"""
        self.assertIn("max(...values: number[]): number", self.inspected("Math.max(1, |)")["data"]["text/plain"])

    def test_any_value(self):
        """the run-time value of an any at level 1"""
        self.ok("const loose: any = { answer: 42 }")
        self.assertIn("answer: 42", self.inspected("loose|", 1)["data"]["text/plain"])

    def test_question(self):
        """name? and ?name open the pager, ?? with the source"""
        self.ok("function asked(n: number): number {\n  return n + 1\n}")
        for code, part in {"asked?": "asked(n: number): number", "?parseInt": "Converts a string", "asked??": "return n + 1", "nowhere?": "nothing is known"}.items():
            payload = self.ok(code).reply["payload"]
            self.assertEqual(payload[0]["source"], "page")
            self.assertIn(part, payload[0]["data"]["text/plain"])

    def test_nonsense(self):
        """found is false for nonsense, white space and strings"""
        for code in ("nowhereToBeFound|", "|  ", "1 + 'so|me text'", "@@|"):
            content = self.inspected(code)
            self.assertEqual((content["status"], content["found"], content["data"]), ("ok", False, {}), code)


class Completeness(KernelCase):
    def status(self, code):
        return self.shell_reply(self.client.is_complete(code))

    def test_status(self):
        """complete, incomplete with indent, invalid"""
        for code in ("1 + 1", "for (const x of []) {\n}", "const f = (a: number): number => a", "!ls -l", "await 1", "const el = <b>x</b>"):
            self.assertEqual(self.status(code)["status"], "complete", code)
        for code, indent in {"function f() {": "  ", "if (true) {\n  while (1) {": "    ", "const a = [": "  ", "const s = `open": "", "f(": "  ", "/* comment": "", "1 +": "", "class A {\n  x = 1": "  "}.items():
            content = self.status(code)
            self.assertEqual((content["status"], content["indent"]), ("incomplete", indent), code)
        for code in ("const = 1", "f(1))", "let let = 1 1", "'open"):
            self.assertEqual(self.status(code)["status"], "invalid", code)

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


class Everyday(KernelCase):
    """What stands in cells besides TypeScript's own names."""

    files = {"data/table.csv": "a", "data/deep/x.txt": "", "node_modules/chunky/package.json": '{"name": "chunky", "version": "1.0.0", "main": "index.js"}', "node_modules/chunky/index.js": "exports.piece = 1;", "node_modules/chunky/chunk.js": "", "node_modules/chunky/chunk.d.ts": "export {};"}
    matches = Completion.matches

    def test_magics(self):
        """magics by their beginning, cell magics in a first line only; %env's names, %cd's folders"""
        self.assertEqual(self.matches("%ti|"), ["%time", "%timeit", "%%time", "%%timeit"])
        self.assertEqual(self.matches("%%ba|"), ["%%bash"])
        self.assertEqual(self.matches("1;\n%ti|"), ["%time", "%timeit"])
        self.assertIn("PATH", self.matches("%env PAT|"))
        self.assertEqual(self.matches("%cd da|"), ["data/"])

    def test_shell(self):
        """commands and paths in shell lines"""
        self.assertIn("/etc/", self.matches("!ls /et|"))
        self.assertEqual(self.matches("!cat data/ta|"), ["data/table.csv"])
        self.assertIn("node", self.matches("!nod|"))
        self.assertEqual(self.matches("const files = !ls data/de|"), ["data/deep/"])

    def test_texts(self):
        """paths in texts, packages where one is imported, no declarations' files"""
        self.assertEqual(self.matches("import { readFileSync } from 'node:fs'; readFileSync('data/ta|"), ["table.csv"])
        self.assertEqual((self.content["cursor_start"], self.content["cursor_end"]), (59, 61))
        self.assertIn("chunky", self.matches("import piece from 'chun|'"))
        self.assertIn("chunky", self.matches("require('chun|"))
        self.assertNotIn("chunk.d.ts", self.matches("import piece from 'chunky/ch|'"))

    def test_required(self):
        """members of what require gives, and of what is awaited"""
        self.assertIn("existsSync", self.matches("require('fs').exis|"))
        self.assertEqual(self.matches("(await fetch('x')).statusT|"), ["statusText"])
        self.assertIn("fetch", self.matches("await fetc|"))

    def test_complete(self):
        """a question is complete, with its mark before or behind"""
        for code in ("x?", "?x", "x.y??"):
            self.assertEqual(self.shell_reply(self.client.is_complete(code))["status"], "complete", code)

    def test_inspect(self):
        """types are known by their name, members of an any by what they are now"""
        self.ok("interface City { name: string; people: number }\nconst loose: any = { inner: { answer: 42 } };")
        outcome = self.ok("City?")
        self.assertIn("City", outcome.reply["payload"][0]["data"]["text/plain"])
        self.assertIn("interface", outcome.reply["payload"][0]["data"]["text/plain"])
        content = self.shell_reply(self.client.inspect("loose.inner.answer", 15))
        self.assertIn("42", content["data"]["text/plain"])


class Npm(KernelCase):
    files = {"node_modules/small/package.json": '{"name": "small", "version": "1.2.3", "main": "index.js"}', "node_modules/small/index.js": "exports.one = 1;", "node_modules/small/deep.js": "exports.two = 2;", "local.ts": "import { one } from 'npm:small@1';\nexport const plus: number = one + 10;\n"}

    def test_specifiers(self):
        """npm: specifiers find the folder's packages, by every kind of import, in files too, and columns stay"""
        self.assertEqual(self.value_of("import { one } from 'npm:small@1.2.3';\nimport { two } from 'npm:/small@^1/deep.js';\none + two"), "3")
        self.assertEqual(self.value_of("(await import('npm:small')).one + require('npm:small@1').one"), "2")
        self.assertEqual(self.value_of("import { plus } from './local.ts'; plus"), "11")
        self.assertIn(":1:40", self.fails("import { one } from 'npm:small@1.2.3'; nowhere").error["evalue"])
        self.assertEqual(self.value_of("'npm:small@1.2.3'"), "'npm:small@1.2.3'")

    def test_missing(self):
        """a package that is not there is told with what installs it"""
        self.assertIn("%npm install not-there@2", self.fails("import x from 'npm:not-there@2'").error["evalue"])
        self.assertIn("%npm install @a/b", self.fails("import x from '@a/b/deep'").error["evalue"])
        self.assertNotIn("%npm", self.fails("import x from './not-there'").error["evalue"])


class NpmInstall(KernelCase):
    """With the setting that fetches, and a package in a folder for a registry."""

    env = {"TYPESCRIPT_KERNEL_NPM": "install", "npm_config_offline": "true"}
    files = {"package/package.json": '{"name": "from-folder", "version": "1.0.0", "main": "index.js"}', "package/index.js": "exports.value = 7;", "package.json": "{}"}

    def test_install(self):
        """%npm install puts a package into the notebook's folder, and the cell after it imports it"""
        self.ok("%npm install ./package", timeout=60)
        self.assertTrue((self.folder / "node_modules" / "from-folder").exists())
        self.assertEqual(self.value_of("import { value } from 'npm:from-folder@1'; value"), "7")

    def test_setting(self):
        """the setting runs npm first; what npm cannot fetch is told, and the cell does not run"""
        error = self.fails("console.log('ran');\nimport x from 'npm:certainly-not-there@1'", timeout=60)
        self.assertIn("npm", error.error["evalue"])
        self.assertEqual("ran" in error.stream(), False)

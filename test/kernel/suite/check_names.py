"""Names of cells are the cells' own: declared in any form, they change nothing for the kernel, for packages, or for how things are shown."""

import json
import time

from harness import KernelCase

# What packages look for besides Node's own globals; some of it only other hosts have.
PROBED = ["window", "document", "define", "exports", "module", "require", "React", "jQuery", "DEBUG", "Deno", "name", "status", "top", "__kernel__", "kernel", "cell", "h", "prompt"]

FORMS = {
    "const": "const {0} = 'AAPL';",
    "let": "let {0} = 'AAPL';",
    "var": "var {0} = 'AAPL';",
    "function": "function {0}() {{ return 'AAPL' }}",
    "class": "class {0} {{ static ticker = 'AAPL' }}",
    "enum": "enum {0} {{ AAPL }}",
    "import": "import {{ ticker as {0} }} from './ticker.ts';",
    "default import": "import {0} from './ticker.ts';",
    "namespace import": "import * as {0} from './ticker.ts';",
    "object pattern": "const {{ {0} }} = {{ {0}: 'AAPL' }};",
    "array pattern": "const [{0}, ...rest] = ['AAPL'];",
    "default in a pattern": "var {{ a: {{ {0} = () => 'AAPL' }} }} = {{ a: {{}} as any }};",
    "in a loop": "for (var {0} of ['AAPL']);",
    "namespace": "namespace {0} {{ export const ticker = 'AAPL' }}",
}

# A package sees the globals as Node has them.
PROBE = """
module.exports = () => [typeof Promise, typeof process.version, typeof Set, typeof Error, typeof Array, typeof URL, typeof Buffer, typeof crypto.subtle,
  typeof window, typeof document, typeof define, typeof React, typeof jQuery, typeof DEBUG, typeof Deno, typeof __kernel__, typeof kernel, typeof top,
  [1].map((x) => x + 1)[0], Array.isArray([]), JSON.stringify({ a: new Date(0) }), new Error('e') instanceof Error].join()
"""
SOUND = "function,string,function,function,function,function,function,object,undefined,undefined,undefined,undefined,undefined,undefined,undefined,undefined,undefined,undefined,2,true,{\"a\":\"1970-01-01T00:00:00.000Z\"},true"

CHECK = "// @ts-nocheck\n"
MARK = "\U000e01ef"


class NamesCase(KernelCase):
    files = {
        "ticker.ts": "export const ticker = 'AAPL';\nexport default 'AAPL';\n",
        "node_modules/probe/index.js": PROBE,
        "node_modules/probe/package.json": '{"name": "probe", "main": "index.js"}',
    }

    def assert_sound(self, name):
        """Arrays, objects, thrown errors and awaited promises are what they were; a package sees what it saw."""
        with self.subTest(name=name):
            value = self.value_of(CHECK + "const seen = await import('probe'); ({ a: [1, 'x'], awaited: await (async () => 5)(), seen: seen.default() })", timeout=10)
            self.assertEqual(value, "{\n  a: [ 1, 'x' ],\n  awaited: 5,\n  seen: '" + SOUND + "'\n}")
            error = self.fails(CHECK + "null.property", timeout=10).error
            self.assertEqual(error["ename"], "TypeError")
            self.assertIn(", line 2, column 6", error["traceback"][0])


class EachName(NamesCase):
    def test_each_name(self):
        """every global's name can be a cell's: what follows works, packages see their globals, the name is shown as written"""
        names = json.loads(self.value_of("JSON.stringify(Object.getOwnPropertyNames(globalThis))")[1:-1].replace("\\'", "'"))
        self.assertGreater(len(names), 140)
        for name in sorted({*names, *PROBED}):
            if name.isidentifier() and name != "undefined":
                self.assertEqual(self.value_of(CHECK + FORMS["const"].format(name) + f" {name}", timeout=10), "'AAPL'", name)
                self.assert_sound(name)
        error = self.fails(CHECK + "Promise.all([])").error
        self.assertEqual(error["evalue"], "Promise.all is not a function")
        matches = self.shell_reply(self.client.complete("Promise.char"))["matches"]
        self.assertIn("charAt", matches)
        found = self.shell_reply(self.client.inspect("Promise", detail_level=1))
        self.assertIn("AAPL", found["data"]["text/plain"])
        self.assertNotIn(MARK, str(found) + str(matches))

class EachForm(NamesCase):
    def test_each_form(self):
        """every form of declaration takes every kind of name, one after the other, and its value is its own"""
        for name in ["Promise", "Set", "globalThis", "Array", "Object", "Error", "Symbol", "process", "AbortController", "kernel", "plain", "größe", "$", "async", "get"]:
            for form, text in FORMS.items():
                with self.subTest(name=name, form=form):
                    shown = self.value_of(CHECK + text.format(name) + f"\nJSON.stringify({name}) ?? {name}.ticker ?? {name}()")
                    self.assertIn("AAPL", shown)
            self.assert_sound(name)


class Shown(NamesCase):
    def test_shown_names(self):
        """functions, classes and errors are called what the cell calls them; sources are as written"""
        for code, shown in [
            ("const Map = () => {}; const fn = function () {}; let C = class {}; let { d = () => 1 } = {}; [Map, fn, C, d].map((f) => f.name).join()", "'Map,fn,C,d'"),
            ("class Set { m() { return Set.name } } [new Set().m(), Set.name, new Set()]", "[ 'Set', 'Set', Set {} ]"),
            ("function Date() { return Date.name } Date()", "'Date'"),
            ("const twice = async (x) => { await null; return { twice, x } }; String(twice)", "'async (x) => { await null; return { twice, x } }'"),
            ("let said; try { nowhere } catch (e) { said = e.message } said", "'nowhere is not defined'"),
            ("let count = 1; try { count() } catch (error) { said = error.message } said", "'count is not a function'"),
            ("typeof nowhere", "'undefined'"),
            ("globalThis.made = 1; made++; made", "2"),
            ("this", None),
            ("const o = { count, Set }; Object.keys(o).join()", "'count,Set'"),
            ("await new globalThis.Promise((r) => setTimeout(r, 1)); eval('1 + 1')", "2"),
        ]:
            with self.subTest(code):
                self.assertEqual(self.value_of(CHECK + code), shown)
        for code, message in [("wrong = 1", "wrong is not defined"), ("Set.wrong()", "Set.wrong is not a function"), ("later(); let later = () => 1", "later is not defined")]:
            error = self.fails(CHECK + code).error
            self.assertEqual(error["evalue"], message)
            self.assertNotIn(MARK, str(error))

    def test_later(self):
        """a function sees what a later cell declares or puts on globalThis; before, the name is not there"""
        self.ok(CHECK + "function uses() { return helper(1) } const knows = () => typeof helper")
        self.assertEqual(self.fails(CHECK + "uses()").error["evalue"], "helper is not defined")
        self.assertEqual(self.value_of("knows()"), "'undefined'")
        self.ok(CHECK + "globalThis.helper = (x) => 'global ' + x")
        self.assertEqual(self.value_of("uses()"), "'global 1'")
        self.ok("const helper = (x: number): string => `cell ${x}`")
        self.assertEqual(self.value_of("uses()"), "'cell 1'")

    def test_failed_declaration(self):
        """a declaration that never happened leaves the global"""
        self.fails(CHECK + "throw new Error('before'); const URL = 1")
        self.assertEqual(self.value_of(CHECK + "typeof URL + typeof new URL('http://a.b')"), "'functionobject'")


class Interrupted(NamesCase):
    def test_interrupt(self):
        """interrupts reach loops and awaits whatever names are taken"""
        self.ok(CHECK + "const Promise = 1, AbortController = 2, Set = 3, process = 4, setTimeout = 5, Error = 6;")
        for code in ["for (;;);", "await new globalThis.Promise(() => {})"]:
            running = self.client.execute(CHECK + code)
            time.sleep(0.4)
            self.manager.interrupt_kernel()
            self.assertEqual(self.finish(running).error["ename"], "InterruptError")



"""The check takes what one file would take, across cells, and refuses what is wrong in one file."""

from harness import KernelCase


class Refused(str):
    """A part of the error that a cell is refused with."""


class Agreeing(KernelCase):
    def fresh(self):
        """A session that has seen no cell yet."""
        self.run_cell("process.exit(0)")

    def session(self, cells):
        """Runs cells one after the other; each is code alone or code with its result, or what it is refused with."""
        for at, cell in enumerate(cells):
            code, expected = cell if isinstance(cell, tuple) else (cell, Ellipsis)
            outcome = self.run_cell(code)
            where = f"cell {at + 1}: {code}\n{outcome.reply}"
            if isinstance(expected, Refused):
                self.assertEqual(outcome.status, "error", where)
                self.assertIn(expected, outcome.error["evalue"], where)
                self.assertEqual(outcome.error["ename"], "TypeScriptError", where)
            else:
                self.assertEqual(outcome.status, "ok", where)
                if expected is not Ellipsis:
                    self.assertEqual(outcome.result, expected, where)

    def sessions(self, table, fresh=False):
        for name, cells in table.items():
            with self.subTest(name):
                if fresh:
                    self.fresh()
                self.session(cells)


EVOLVING = {
    "an array filled by a loop": ["const rows = []", "for (let i = 0; i < 3; i++) rows.push({ i, sq: i * i });", ("rows[2].sq", "4"), ("rows[2].nope", Refused("TS2339"))],
    "an array filled by a callback": ["const out = [];", "[1, 2].forEach((n) => out.push(n * 2));", ("out.map((n) => n + 1)", "[ 3, 5 ]")],
    "an array looked at while it is empty": ["let rows = []", ("rows", "[]"), ("rows.length", "0"), "rows.push('a')", ("rows[0].length", "1"), ("rows[0].toFixed()", Refused("TS2551"))],
    "an array of several types": ["const mixed = []", "mixed.push(1)", "mixed.push('a')", ("mixed.map((each) => typeof each === 'number' ? each : each.length)", "[ 1, 1 ]"), ("mixed[0].toFixed()", Refused("TS2"))],
    "an array filled by index": ["const byIndex = []", "byIndex[0] = 7", ("byIndex[0] + 1", "8")],
    "an array emptied and filled anew": ["let again = []", "again.push(1)", "again = []", "again.push('text')", ("again[0].length", "4")],
    "an array handed to a function": ["const handed = []", "const fill = (to: number[]) => { to.push(5) }\nfill(handed)", ("handed", "[ 5 ]")],
    "what an array is made into": ["const rows = []", "for (const n of [1, 2]) rows.push({ n })", "const total = rows.map((row) => row.n)", ("total.reduce((a, b) => a + b)", "3"), ("total[0].trim()", Refused("TS2339"))],
    "a name without a value": ["let best;", "for (const score of [3, 1, 2]) if (best === undefined || score < best) best = score;", ("best", "1"), ("best?.toFixed(1)", "'1.0'"), ("best.length", Refused("TS"))],
    "null at first": ["let found = null;", "found = { name: 'Ann' };", ("found.name", "'Ann'"), ("found.age", Refused("TS2339"))],
    "a name assigned in a function": ["let last;", "function remember(value: number) { last = value }\nremember(4)", ("last", "4"), ("last + 1", "5")],
    "a name that changes its type": ["let it;", "it = 1", ("it.toFixed(1)", "'1.0'"), "it = 'one'", ("it.toUpperCase()", "'ONE'"), ("it.toFixed()", Refused("TS2551"))],
    "var": ["var early;", "early = [1]", ("early[0]", "1")],

    "a declaration anew": ["const rows = []", "rows.push(1)", "const rows = []", "rows.push('a')", ("rows[0].length", "1")],
}

NARROWED = {
    "a check that throws": ["const users = new Map([['ann', { age: 31 }]]);\nconst ann = users.get('ann');", "if (ann === undefined) throw new Error('no ann');", ("ann.age", "31"), ("(() => ann.age)()", "31"), ("ann.nope", Refused("TS2339"))],
    "an assignment": ["let name: string | null = null;\nname = 'Bob';", ("name.length", "3"), "name = null", "name = 'Carol'", ("name.length", "5")],
    "a declaration": ["let id: number | string = 5", ("id.toFixed(1)", "'5.0'")],
    "unknown": ["const answer: unknown = JSON.parse('{\"ok\":true}')", "if (typeof answer !== 'object' || answer === null || !('ok' in answer)) throw new Error('no')", ("answer.ok", "true")],
    "a member": ["const cfg: { port?: number } = { port: 80 }", "if (cfg.port === undefined) throw new Error('no port')", ("cfg.port + 1", "81"), "cfg.port = 90", ("cfg.port.toFixed()", "'90'")],
    "an element": ["const list: (string | undefined)[] = ['a']", "if (list[0] === undefined) throw 1", ("list[0].length", "1")],
    "one of a union": ["type Shape = { kind: 'round'; r: number } | { kind: 'square'; a: number };\nconst make = (): Shape => ({ kind: 'round', r: 2 });\nconst shape = make();", "if (shape.kind !== 'round') throw 1", ("shape.r", "2"), ("shape.a", Refused("TS2339"))],
    "an assertion function": ["import assert from 'node:assert'\nconst maybe = [1].find((n) => n === 1)", "assert(maybe !== undefined)", ("maybe.toFixed()", "'1'")],
    "instanceof": ["const thing: Error | string = ((): Error | string => new Error('x'))()", "if (!(thing instanceof Error)) throw 1", ("thing.message", "'x'")],
    "a default": ["let size: number | undefined = ((): number | undefined => undefined)();", "size ??= 4;", ("size + 1", "5")],
    "an environment variable": ["process.env.SOME_NAME = 'x'", "if (!process.env.SOME_NAME) throw 1", ("process.env.SOME_NAME.length", "1")],
    "what narrowing is made into": ["const first = [1].at(0)", "if (first === undefined) throw 1\nconst next = first", ("next + 1", "2")],
    "not after a cell that failed": ["const none = new Map([['a', 1]]).get('b')", "class Later {}", ("none.toFixed()", Refused("TS18048"))],
    "not without a reason": ["let mode: 'train' | 'test' = 'train'", ("if (mode === 'test') console.log('test')", None), "mode = 'test'", ("if (mode === 'train') console.log('train')", None)],
    "not through a function that assigns": ["let user: { name: string } | null = null\nfunction load() { user = { name: 'Ann' } }\nload()", "if (!user) throw 1", ("user.name", "'Ann'")],
}


class Flow(Agreeing):
    def setUp(self):
        # Plain JavaScript has rules of its own: a session is that until it sees a type.
        self.fresh()
        self.ok("type Seen = 'a type'")

    def test_evolving(self):
        """a `let` or an array takes on the types that cells give it"""
        self.sessions(EVOLVING)

    def test_narrowing(self):
        """what a cell has made sure of, the next one knows"""
        self.sessions(NARROWED)

    def test_failed(self):
        """a cell that failed has made sure of nothing, and what it assigned may be anything"""
        self.ok("const gone = new Map([['a', 1]]).get('b'); const part = []; let state;")
        self.fails("part.push(1); state = 'half'; if (gone === undefined) throw new Error('none')")
        self.assertIn("TS18048", self.fails("gone.toFixed()").error["evalue"])
        self.assertEqual(self.value_of("part[0] + state.length"), "5")


TRUE_ERRORS = {
    "a wrong argument": ["function twice(n: number) { return 2 * n }", ("twice('a')", Refused("TS2345"))],
    "a wrong assignment": ["let size: number = 1", ("size = 'large'", Refused("TS2322"))],
    "a constant": ["const fixed = 1", ("fixed = 2", Refused("a constant"))],
    "possibly undefined": ["const found = [{ a: 1 }].find((each) => each.a === 1) as { a: number } | undefined", ("found.a", Refused("TS18048"))],
    "a parameter without a type among types": [("const one: number = 1\nfunction add(a, b) { return a + b }", Refused("TS7006"))],
    "a wrong member": [("const text: string = 'a'; text.lenght", Refused("TS2551"))],
    "a missing name": [("const n: number = nowhere", Refused("TS2304"))],
}


class Errors(Agreeing):
    def test_refused(self):
        """a true error of one file is refused across cells as well"""
        self.sessions(TRUE_ERRORS, fresh=True)


JAVASCRIPT = {
    "parameters without types": [("function add(a, b) { return a + b }\nadd(1, 2)", "3")],
    "what is caught": [("try { null.x } catch (e) { console.log(e.message) }\ntry { JSON.parse('{') } catch (error) { error.name }\n1", "1")],
    "members made in a constructor": [("class Counter { constructor() { this.n = 0 }\n inc() { this.n++; return this } }\nnew Counter().inc().n", "1")],
    "an object filled later": ["const o = {}", "o.a = 1; o['b'] = 2", ("o.a + o.b", "3"), ("Object.keys(o)", "[ 'a', 'b' ]")],
    "counting words": [("const counts = {}\nfor (const w of 'a b a'.split(' ')) counts[w] = (counts[w] || 0) + 1\ncounts", "{ a: 2, b: 1 }")],
    "reduce to an object": [("['x', 'y'].reduce((all, key) => { all[key] = key.length; return all }, {})", "{ x: 1, y: 1 }")],
    "a constructor function": [("function Person(name) { this.name = name }\nPerson.prototype.hi = function () { return 'hi ' + this.name }\nnew Person('Ann').hi()", "'hi Ann'")],
    "fewer arguments": [("function greet(name, greeting) { greeting = greeting || 'Hello'; return greeting + ' ' + name }\ngreet('Bob')", "'Hello Bob'"), ("greet('Bob', 'Hi', 'more')", "'Hi Bob'")],
    "arguments": [("function sum() { return Array.from(arguments).reduce((a, b) => a + b, 0) }\nsum(1, 2, 3)", "6")],
    "another type": [("let x = 1; x = 'one'; x.toUpperCase()", "'ONE'"), "x = 2", ("x + 1", "3"), ("let y = 1; y = ['a']; y.join()", "'a'"), ("y.map((each) => each)", "[ 'a' ]")],
    "dates subtracted": [("const start = new Date(0); new Date(5) - start", "5")],
    "numbers in strings": [("'6' * '7' + parseInt(3.7)", "45"), ("isNaN('abc')", "true"), ("Math.max('3', 4)", "4")],
    "find without a check": [("[{ id: 2, name: 'b' }].find((each) => each.id === 2).name", "'b'")],
    "a Map without types": [("const m = new Map(); m.set('a', { b: 1 }); m.get('a').b", "1"), ("new Map([['k', 1]]).get('k') + 1", "2")],
    "an option that may be missing": ["const config = { host: 'x' }", ("const port = config.port || 3000; port", "3000"), ("const { user = 'me' } = config; user", "'me'"), ("config.path?.length", None)],
    "a prototype extended": ["String.prototype.shout = function () { return this.toUpperCase() + '!' }", ("'a'.shout()", "'A!'")],
    "an error with a code": [("const err = new Error('x'); err.code = 'E_X'; err.code", "'E_X'")],
    "a class filled from outside": ["class Bag {}", "const bag = new Bag(); bag.items = [1]", ("bag.items.length", "1")],
    "members by Object.assign": [("class Point { constructor(o) { Object.assign(this, { x: 0, y: 0 }, o) }\n sum() { return this.x + this.y } }\nnew Point({ x: 2 }).sum()", "2")],
    "a result set in a callback": [("let result = null\n;[1, 2].forEach((n) => { if (n === 2) result = { n } })\nresult.n", "2")],
    "the browser asked for": [("typeof window !== 'undefined' ? window.location : 'node'", "'node'")],
    "comparison of kinds": [("'5' == 5", "true")],
    "delete": [("const d = { a: 1, b: 2 }; delete d.a; d", "{ b: 2 }")],
    "a function redefined": ["function once() { return 1 }", "const old = once; once = function () { return old() + 1 }", ("once()", "2")],
    "globalThis": ["globalThis.shared = 5", ("shared + 1", "6"), ("globalThis.shared", "5")],
    "callbacks of events": [("const EventEmitter = require('events'); const e = new EventEmitter(); let got; e.on('x', (v) => { got = v }); e.emit('x', 3); got", "3")],
    "inheritance by prototype": [("function A() { this.a = 1 }\nfunction B() { A.call(this) }\nB.prototype = Object.create(A.prototype)\nB.prototype.constructor = B\nnew B().a", "1")],
    "getters and statics": [("class Temp { static count = 0; constructor(c) { this._c = c; Temp.count++ } get f() { return this._c * 2 } set f(v) { this._c = v / 2 } }\nconst t = new Temp(4); t.f = 20; [t.f, Temp.count]", "[ 20, 1 ]")],
    "async and promises": [("const wait = (ms, v) => new Promise((resolve) => setTimeout(() => resolve(v), ms))\nconst [a, b] = await Promise.all([wait(1, 'a'), wait(2, 'b')]); a + b", "'ab'"), ("new Promise((resolve) => resolve()).then(() => 1)", ...)],
    "a generator": [("function* walk(tree) { if (!tree) return; yield* walk(tree.left); yield tree.value; yield* walk(tree.right) }\n[...walk({ value: 1, left: { value: 0 } })]", "[ 0, 1 ]")],
    "memoize": [("const memo = {}; function fib(n) { return n < 2 ? n : memo[n] || (memo[n] = fib(n - 1) + fib(n - 2)) }\nfib(30)", "832040")],
    "a linked list": [("class Node1 { constructor(value) { this.value = value; this.next = null } }\nclass List1 { constructor() { this.head = null } add(v) { const n = new Node1(v); n.next = this.head; this.head = n } }\nconst l = new List1(); l.add(1); l.add(2); l.head.next.value", "1")],
    "a debounce": [("function debounce(f, ms) { let timer; return function (...args) { clearTimeout(timer); timer = setTimeout(() => f.apply(this, args), ms) } }\ntypeof debounce(() => {}, 1)", "'function'")],
    "mixed arrays": [("[1, 'a', null].map((each) => each && each.length)", "[ undefined, 1, null ]"), ("[3, '1', 2].sort((a, b) => a - b)", "[ '1', 2, 3 ]")],
    "JSON and fetch": [("const data = JSON.parse('{\"items\":[{\"price\":2}]}'); data.items.map((i) => i.price)", "[ 2 ]")],
    "a module pattern": [("const api = (function () { let n = 0; return { inc() { return ++n } } })(); api.inc() + api.inc()", "3"), "api.reset = () => 'reset'", ("api.reset()", "'reset'")],
    "currying and apply": [("const curry = (f) => (...a) => a.length >= f.length ? f(...a) : (...b) => curry(f)(...a, ...b)\ncurry((a, b, c) => a + b + c)(1)(2, 3)", "6")],
    "a switch": [("function kind(x) { switch (typeof x) { case 'number': return 'n'; case 'string': return x.length; default: return null } }\n[kind(1), kind('ab'), kind({})]", "[ 'n', 2, null ]")],
    "a proxy": [("const p = new Proxy({}, { get: (t, k) => k }); p.anything", "'anything'")],
    "a symbol as a key": [("const tag = Symbol('t'); const s = {}; s[tag] = 1; s[tag]", "1")],
    "a promise's error": [("await Promise.reject(new TypeError('bad')).catch((e) => e.message)", "'bad'")],
    "process.argv and a number": [("process.argv.length > 0 && +process.env.NOPE_NOT_THERE || 1", "1")],
    "sloppy labels and commas": [("outer: for (var i = 0; i < 3; i++) { for (var j = 0; j < 3; j++) { if (j == 1) continue outer; if (i == 2) break outer } }\n[i, j]", "[ 2, 0 ]")],
}


class JavaScript(Agreeing):
    def test_ordinary(self):
        """plain JavaScript runs as Node would run it"""
        self.sessions(JAVASCRIPT, fresh=True)

    def test_told(self):
        """in plain JavaScript too, what nothing ever made is told of before it runs"""
        for code, error in [("'a'.toUppercase()", "TS2551"), ("const n = 1; n = 2", "TS2588"), ("nowhere + 1", "TS2304"), ("import x from 'not-there'", "TS2307"), ("const item = { a: 1 }; item.b", "TS2339"), ("// @ts-check\nlet x = 1; x = 'a'", "TS2322")]:
            with self.subTest(code):
                self.fresh()
                self.session([(code, Refused(error))])


class Untyped(Agreeing):
    files = {
        "node_modules/plain/package.json": '{ "name": "plain", "version": "1.0.0", "main": "index.js" }',
        "node_modules/plain/index.js": "exports.mean = (xs) => xs.reduce((a, b) => a + b) / xs.length;",
        "node_modules/@scope/esm/package.json": '{ "name": "@scope/esm", "type": "module", "exports": "./i.js" }',
        "node_modules/@scope/esm/i.js": "export const one = 1; export default class Thing { n = 2 }",
        "local.js": "export const local = (x) => x * 2;",
    }

    def test_packages(self):
        """a package without types is `any`, which is said once"""
        first = self.ok("import { mean } from 'plain'; mean([1, 2, 3])")
        self.assertEqual(first.result, "2")
        self.assertIn("'plain'", first.stream("stderr"))
        self.assertIn("hint", first.stream("stderr"))
        for code, result in [
            ("import stats from 'plain'; stats.mean([1, 3])", "2"),
            ("import * as all from 'plain'; all.mean([2])", "2"),
            ("const required = require('plain'); required.mean([4])", "4"),
            ("const { mean: m } = await import('plain'); m([5])", "5"),
            ("const one: number = mean([7]); one", "7"),
            ("import { local } from './local.js'; local(2)", "4"),
        ]:
            outcome = self.ok(code)
            self.assertEqual((outcome.result, outcome.stream("stderr")), (result, ""), code)
        self.assertIn("@scope/esm", self.ok("import Thing, { one as uno } from '@scope/esm'; new Thing().n + uno").stream("stderr"))


class Directives(Agreeing):
    files = {"types.d.ts": "interface FromReference { n: number }\ndeclare var nothing: undefined;"}

    def test_directives(self):
        """what counts at the head of a file counts at the head of a cell, libraries for later cells as well"""
        self.sessions({
            "a library": [("/// <reference lib=\"dom\" />\nconst el: HTMLElement | null = null; typeof el", "'object'"), ("const el2: HTMLElement | undefined = undefined; String(el2)", "'undefined'"), "const answer = prompt"],
            "a library after comments": [("// about\n/* more */\n/// <reference lib=\"dom.iterable\" />\nconst n: NodeListOf<Element> | 1 = 1; n", "1")],
            "a file": [("/// <reference path=\"./types.d.ts\" />\nconst r: FromReference = { n: 1 }; r.n", "1"), ("const r2: FromReference = { n: 2 }; r2.n", "2"), ("const r3: FromReference = { n: 'a' }", Refused("TS2322"))],
            "a factory of JSX": [("/** @jsx el */\nfunction el(tag: string, props: unknown, ...kids: unknown[]) { return { tag, kids } }\n<b>hi</b>", "{ tag: 'b', kids: [ 'hi' ] }"), ("/** @jsx el */\n<i>{1}</i>", "{ tag: 'i', kids: [ 1 ] }")],
            "no check": [("// @ts-nocheck\nconst a: number = 'x'; a", "'x'")],
            "an expected error that does not come": [("// @ts-expect-error\nconst a: number = 1", Refused("TS2578"))],
        })

    def test_globals(self):
        """every global of Node has a type"""
        names = self.value_of("Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Za-z]\\w*$/.test(name)).join()").strip("'").split(",")
        self.assertGreater(len(names), 100)
        for at in range(0, len(names), 20):
            self.ok("\n".join(f"void {name};" for name in names[at : at + 20]))
        self.assertEqual(self.value_of("const wasm: WebAssembly.Module = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); WebAssembly.Module.exports(wasm).length"), "0")
        self.assertIn("TS2769", self.fails("const typed: number = 1; WebAssembly.validate('text')").error["evalue"])


REACT = """
exports.createElement = (type, props, ...children) => ({ react: type.name ?? type, props: { ...props, children } });
exports.Fragment = 'fragment';
"""


class Jsx(Agreeing):
    files = {
        "node_modules/react/package.json": '{ "name": "react", "version": "1.0.0", "main": "index.js" }',
        "node_modules/react/index.js": REACT,
    }

    def test_html(self):
        """JSX without a React in scope is typed as HTML"""
        self.assertIn("TS2339", self.fails("const typed: number = 1; (<b>x</b>).nope").error["evalue"])
        self.assertEqual(self.value_of("const Item = ({ n }: { n: number }) => <i>{n}</i>\nString(<Item n={1} />)"), "'<i>1</i>'")
        self.assertIn("TS2322", self.fails("<Item n='1' />").error["evalue"])

    def test_react(self):
        """JSX is made by the React in scope, however it came there, and is HTML without one"""
        self.assertEqual(self.value_of("String(<b>no React</b>)"), "'<b>no React</b>'")
        for imported in ("import React from 'react'", "import * as React from 'react'", "const React = require('react')"):
            self.fresh()
            self.assertEqual(self.value_of(f"{imported}\nconst el = <b id='x'>hi</b>; el.react"), "'b'", imported)
            self.assertEqual(self.value_of("const Hello = () => <i />; (<Hello />).react"), "'Hello'", imported)
            self.assertEqual(self.value_of("(<>a</>).react"), "'fragment'", imported)


def made(name):
    """A shell line that makes a package, as npm would."""
    manifest = f'{{"name":"{name}","version":"1.0.0","main":"i.js","types":"i.d.ts"}}'
    return f"!mkdir -p node_modules/{name} && echo '{manifest}' > node_modules/{name}/package.json && echo 'exports.a = 1' > node_modules/{name}/i.js && echo 'export declare const a: number;' > node_modules/{name}/i.d.ts"


class Making(Agreeing):
    files = {"package.json": '{ "name": "nb", "version": "1.0.0" }'}

    def test_made(self):
        """a cell may import what its own first lines make; what it made in vain is told with the import's place"""
        self.sessions({
            "a package": [(f"{made('one')}\nimport {{ a }} from 'one';\na", "1")],
            "a package that was looked for before": [("import { a } from 'two'", Refused("TS2307")), made("two"), ("import { a } from 'two'; a", "1")],
            "a package, dynamically": [(f"{made('three')}\nconst {{ a: three }} = await import('three');\nthree + 1", "2")],
            "two packages, one after the other": [(f"{made('four')}\nimport {{ a as four }} from 'four';\n{made('five')}\nimport {{ a as five }} from 'five';\nfour + five", "2")],
            "a file": [("import { writeFileSync } from 'node:fs';\nwriteFileSync('gen.ts', 'export const generated = 7;');\nconst { generated } = await import('./gen.ts');\ngenerated", "7"), ("import { generated as g2 } from './gen';\ng2", "7")],
            "a file, imported without its ending": [("require('node:fs').writeFileSync('other.ts', 'export const other: string = `o`;')\nimport { other } from './other'\nother.length", "1")],
            "a file by one's own function": [("import { writeFile } from 'node:fs/promises'\nconst make = async (n: number) => { await writeFile('mine.ts', `export const mine = ${n}`) }\nawait make(3)\nimport { mine } from './mine.ts'\nmine + 1", "4")],
            "a name that an older file lacks": [("require('node:fs').writeFileSync('older.ts', 'export const x = 1')", ...), ("import { x } from './older'; x", "1"), ("require('node:fs').writeFileSync('older.ts', 'export const x = 1, y = 2')\nimport { y } from './older'\ny", "2")],
            "names of the first lines": [("const kept = 40; require('node:fs').writeFileSync('k.ts', 'export const k = 2')\nimport { k } from './k'\nkept + k", "42"), ("kept", "40")],
        })
        outcome = self.fails("console.log('above'); String(1)\n\nimport { x } from './never'\nconsole.log('below')")
        self.assertIn(":3:19 - TS2307", outcome.error["evalue"])
        self.assertEqual(outcome.stream(), "above\n")
        # Nothing above that could make it, or another error in the cell: nothing runs.
        for code in ("console.log('ran')\nimport { x } from './never'", "String(1); console.log('ran')\nimport { x } from './never'\nconst n: number = 'text'"):
            self.assertEqual(self.fails(code).stream(), "", code)

    def test_one_result(self):
        """such a cell has one result, one number, and errors at their own lines"""
        outcome = self.ok(f"{made('six')}\n'above'\nimport {{ a as six }} from 'six'\nsix")
        self.assertEqual([c["data"]["text/plain"] for c in outcome.contents("execute_result")], ["1"])
        text = "\n".join(self.fails(f"{made('seven')}\nimport {{ a as seven }} from 'seven'\nconst s = seven\nthrow new Error('late')").error["traceback"])
        self.assertIn("line 4, column 7", text)

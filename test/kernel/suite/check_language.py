import itertools
import time

from harness import KernelCase

KINDS = {
    "var": "var it = 'var'",
    "let": "let it = 'let'",
    "const": "const it = 'const'",
    "function": "function it() { return 'function' }",
    "async function": "async function it() { return 'async' }",
    "class": "class it { static kind = 'class' }",
    "enum": "enum it { kind = 'enum' }",
    "namespace": "namespace it { export const kind = 'namespace' }",
    "import": "import * as it from 'node:path'",
    "default import": "import it from 'node:fs'",
    "pattern": "const { a: [it] } = { a: ['pattern'] }",
}


class Declarations(KernelCase):
    def test_redeclared(self):
        """every kind of declaration can follow every other, and the last one counts, in its own cell and in the next"""
        show = "require('node:util').inspect(it).slice(0, 80)"
        alone = {kind: self.ok(f"{code}\n{show}").result for kind, code in KINDS.items()}
        # A walk over the kinds in which every one comes right after every other, itself included.
        left = {kind: list(KINDS) for kind in KINDS}
        stack, walk = ["var"], []
        while stack:
            if left[stack[-1]]:
                stack.append(left[stack[-1]].pop())
            else:
                walk.append(stack.pop())
        self.assertEqual(len(set(itertools.pairwise(walk))), len(KINDS) ** 2)
        for before, kind in itertools.pairwise(walk):
            self.assertEqual(self.ok(f"{KINDS[kind]}\n{show}").result, alone[kind], f"{before}, then {kind}")
        for kind, code in KINDS.items():
            self.ok(code)
            self.assertEqual(self.value_of(show), alone[kind], kind)

    def test_types_redeclared(self):
        """types, interfaces and enums can be declared anew, without members of the old"""
        self.ok("type Shape = { a: number }\ninterface Point { x: number }\nenum Level { Low, High }")
        self.ok("type Shape = { b: string }\ninterface Point { y: number }\nenum Level { Top }")
        self.assertEqual(self.value_of("const s: Shape = { b: 'b' }; const p: Point = { y: 1 }; Object.keys(Level).join()"), "'0,Top'")
        self.assertIn("TS2322", self.fails("const q: Point = { y: 'text' }").error["evalue"])
        self.assertIn("TS2339", self.fails("Level.Low").error["evalue"])
        self.ok("interface Level { now: 'an interface' }")
        self.ok("const l: Level = { now: 'an interface' }")

    def test_closures(self):
        """closures of different cells share one variable"""
        self.ok("let count = 0; function increase() { return ++count }")
        self.ok("increase(); increase()")
        self.assertEqual(self.value_of("count += 10; increase()"), "13")
        self.assertEqual(self.value_of("count"), "13")

    def test_assigned_types(self):
        """an assignment in a later cell is checked against the declared type, and a constant cannot be assigned"""
        self.ok("let size = 1; const fixed = 2")
        self.assertIn("TS2322", self.fails("size = 'large'").error["evalue"])
        self.assertIn("a constant", self.fails("fixed = 3").error["evalue"])

    def test_var(self):
        """var is hoisted out of blocks and loops"""
        self.assertEqual(self.value_of("// @ts-nocheck\nfor (var i = 0, j = 5; i < 3; i++) { var inner = i }\nif (true) { var { deep } = { deep: 'd' } }\n[i, j, inner, deep].join()"), "'3,5,2,d'")
        self.assertEqual(self.value_of("[i, inner].join()"), "'3,2'")
        self.assertEqual(self.value_of("// @ts-nocheck\nfor (var key in { a: 1 }) ;\nfor (var each of [7]) ;\n`${key}${each}`"), "'a7'")

    def test_hoisting(self):
        """functions can be used above their declaration"""
        self.assertEqual(self.value_of("const early = above(2)\nfunction above(n: number) { return n + below() }\nfunction below() { return 1 }\nearly"), "3")

    def test_shadowing_globals(self):
        """a cell may call its own names like globals without disturbing them"""
        self.assertEqual(self.value_of("import { setTimeout } from 'node:timers/promises'\nconst process = 'mine'\nawait setTimeout(5, process)"), "'mine'")
        self.assertEqual(self.value_of("typeof globalThis.process + typeof globalThis.setTimeout(() => {}, 1)"), "'objectobject'")

    def test_failing_cell(self):
        """what a failing cell declared before it failed is there"""
        self.fails("const reached = 'yes'; throw new Error('x'); const missed = 1")
        self.assertEqual(self.value_of("reached"), "'yes'")


class Language(KernelCase):
    def test_top_level_await(self):
        """await and for await at the top level"""
        self.assertEqual(self.value_of("const slow = await new Promise<number>((r) => setTimeout(r, 10, 4)); slow + await Promise.resolve(1)"), "5")
        self.assertEqual(self.value_of("async function* count() { yield 1; yield 2 }\nlet sum = 0\nfor await (const n of count()) sum += n\nsum"), "3")

    def test_using(self):
        """using and await using at the top level end with the cell, in reverse order, also when it fails"""
        code = (
            "using first = { [Symbol.dispose]() { console.log('first') } }\n"
            "await using second = { async [Symbol.asyncDispose]() { console.log('second') } }\n"
            "console.log('body');"
        )
        self.assertEqual(self.ok(code).stream(), "body\nsecond\nfirst\n")
        self.assertEqual(self.fails(code + "\nthrow new Error('x')").stream(), "body\nsecond\nfirst\n")
        self.assertEqual(self.ok("{ using inner = { [Symbol.dispose]() { console.log('inner') } } }").stream(), "inner\n")

    def test_enums(self):
        """enums, const enums, namespaces, parameter properties"""
        self.assertEqual(self.value_of("enum Color { Red = 2, Green }\nconst enum Fast { A = 5 }\nnamespace Space { export const x = 1; export namespace Inner { export const y = 2 } }\nclass P { constructor(readonly q: number) {} }\n[Color.Green, Color[2], Fast.A, Space.Inner.y, new P(9).q].join()"), "'3,Red,5,2,9'")
        self.assertEqual(self.value_of("Color.Red + Fast.A"), "7")

    def test_decorators(self):
        """decorators"""
        code = (
            "function twice(method: (this: unknown) => number, context: ClassMethodDecoratorContext) { return function (this: unknown) { return 2 * method.call(this) } }\n"
            "class Counted { @twice value() { return 21 } }\n"
            "new Counted().value()"
        )
        self.assertEqual(self.value_of(code), "42")

    def test_jsx(self):
        """JSX makes HTML by the documented factory, text escaped"""
        data = self.ok("const who = '<x>'; <p className='big'>hello {who}{[1, 2].map((n) => <b>{n}</b>)}</p>").contents("execute_result")[0]["data"]
        self.assertEqual(data["text/html"], '<p class="big">hello &#60;x&#62;<b>1</b><b>2</b></p>')
        self.assertEqual(self.ok("const Item = (props: { n: number }) => <i>{props.n}</i>; <><Item n={3} /></>").contents("execute_result")[0]["data"]["text/html"], "<i>3</i>")

    def test_export(self):
        """export in a cell is tolerated"""
        self.assertEqual(self.value_of("export const one = 1; export function two() { return 2 }\nexport default class Three { n = 3 }\nexport { one as uno }\nexport type T = number\none + two() + new Three().n"), "6")
        self.assertEqual(self.value_of("const t: T = one; t"), "1")
        self.assertEqual(self.value_of("export default 40 + 2"), "42")

    def test_erased(self):
        """satisfies, as, non-null, overloads, abstract classes, generics, declare"""
        code = (
            "declare const never: number\n"
            "function f(a: string): string\nfunction f(a: number): number\nfunction f(a: any): any { return a }\n"
            "abstract class Base<T> { abstract make(): T; declare hidden: string }\n"
            "class Real extends Base<number> { override make() { return 5 } }\n"
            "const conf = { a: 1 } satisfies Record<string, number>\n"
            "const cast = <unknown>conf as { a: number }\n"
            "[f(1), f('s'), new Real().make(), cast!.a].join()"
        )
        self.assertEqual(self.value_of(code), "'1,s,5,1'")

    def test_javascript(self):
        """a cell without types is a cell"""
        self.assertEqual(self.value_of("const double = [1, 2].map(n => n * 2); double"), "[ 2, 4 ]")
        # Its parameters need no types, other mistakes are told of; a cell with types is TypeScript in all of it.
        code = "function total(rows, { key, ...rest }, ...more) { let sum = 0; for (const row of rows) sum += row[key]; return [sum, rest, more.length] }\ntotal([{ a: 1 }, { a: 2 }], { key: 'a', b: 3 }, 4)"
        self.assertEqual(self.value_of(code), "[ 3, { b: 3 }, 1 ]")
        self.assertIn("TS2551", self.fails("const shout = (text) => text\n'a'.toUppercase()").error["evalue"])
        self.assertIn("TS7006", self.fails("const later: number = 1\nfunction untyped(a) { return a }").error["evalue"])

    def test_regex_and_template(self):
        """await, import and export inside of strings, templates and regular expressions stay what they are"""
        self.assertEqual(self.value_of("`await ${'import(1)'}` + /await import/.source + 'export default'"), "'await import(1)await importexport default'")

    def test_comment_only(self):
        """an empty cell and one of comments are well"""
        self.assertEqual(self.ok("").result, None)
        self.assertEqual(self.ok("// nothing\n/* here */").result, None)
        self.assertEqual(self.ok("interface Only { types: true }").result, None)

    def test_results(self):
        """only an expression at the end is a result; undefined shows nothing"""
        self.assertEqual(self.value_of("'use strict'"), "'use strict'")
        self.assertEqual(self.value_of("5;"), "5")
        self.assertEqual(self.value_of("({ a: 1 })"), "{ a: 1 }")
        self.assertEqual(self.value_of("let v = 3"), None)
        self.assertEqual(self.value_of("undefined"), None)
        self.assertEqual(self.value_of("null"), "null")

    def test_new_syntax(self):
        """current TypeScript: const type parameters, accessors, import type, template types, private names"""
        code = (
            "import type { Stats } from 'node:fs'\n"
            "const keep = <const T,>(t: T): T => t\n"
            "type Name = `get${Capitalize<'x'>}`\n"
            "class Box { #v = 1; accessor size = 2; static made = false; static { Box.made = true } get v() { return this.#v } }\n"
            "const n: Name = 'getX'; const b = new Box(); b.size = 7;\n"
            "[keep(['a'])[0], n, b.v, b.size, Box.made].join()"
        )
        self.assertEqual(self.value_of(code), "'a,getX,1,7,true'")


class Checks(KernelCase):
    def test_place(self):
        """a type error stops the cell before anything of it runs, with line and column"""
        outcome = self.fails("console.log('ran');\nconst é = '😀', n: number = 'text';")
        self.assertEqual(outcome.kinds, ["error"])
        self.assertIn(":2:17 - TS2322", outcome.error["evalue"])

    def test_all(self):
        """every error of a cell is told"""
        text = "\n".join(self.fails("const a: number = ''\nconst b: string = 1\nnowhere").error["traceback"])
        for expected in ("line 1, column 7", "line 2, column 7", "line 3, column 1", "TS2304"):
            self.assertIn(expected, text)

    def test_syntax(self):
        """a syntax error tells line and column"""
        outcome = self.fails("const a = 1\nconst b = = 2")
        self.assertEqual(outcome.error["ename"], "SyntaxError")
        self.assertIn(":2:11", outcome.error["evalue"])

    def test_across(self):
        """types are known across cells, through functions, classes, generics and imports"""
        self.ok("function twice(n: number): number { return 2 * n }\nclass Pair<T> { constructor(public a: T, public b: T) {} }")
        self.assertIn("TS2345", self.fails("twice('a')").error["evalue"])
        self.assertIn("TS2339", self.fails("new Pair(1, 2).a.trim()").error["evalue"])
        self.ok("import * as path from 'node:path'")
        self.assertIn("TS2345", self.fails("path.join(1)").error["evalue"])

    def test_not_declared_by_refused(self):
        """a refused cell declares nothing"""
        self.fails("const refused: number = ''")
        self.assertIn("TS2304", self.fails("refused").error["evalue"])

    def test_directive(self):
        """@ts-nocheck runs a cell all the same, @ts-expect-error a line"""
        self.assertEqual(self.value_of("// @ts-nocheck\nconst odd: number = 'text'; odd"), "'text'")
        self.assertEqual(self.value_of("// @ts-expect-error\nconst even: number = 'text'\neven"), "'text'")

    def test_setting(self):
        """%check warn shows errors and runs, %check off looks at nothing, %check on refuses again"""
        outcome = self.ok("%check warn\nconst w: number = 'w'; w")
        self.assertIn("TS2322", outcome.stream("stderr"))
        self.assertEqual(outcome.result, "'w'")
        self.assertEqual(self.ok("%check off").status, "ok")
        outcome = self.ok("const o: number = 'o'; o")
        self.assertEqual((outcome.result, outcome.stream("stderr")), ("'o'", ""))
        self.ok("%check on")
        self.fails("const r: number = 'r'")

    def test_global_augmentation(self):
        """declare global holds for later cells"""
        self.ok("declare global { var shared: { n: number } }\nglobalThis.shared = { n: 1 }")
        self.assertEqual(self.value_of("shared.n + 1"), "2")


class Modules(KernelCase):
    files = {
        "../package.json": '{ "type": "module", "imports": { "#own": "./lib/own.ts" } }',
        "../tsconfig.json": '{ // with a comment\n "compilerOptions": { "strict": true, "paths": { "@lib/*": ["./lib/*"] } } }',
        "../lib/far.ts": "export const b: number = 1;\n",
        "../lib/near.ts": "import { b } from './far.ts';\nexport const a = (): number => b * 10;\n",
        "../lib/own.ts": "export enum Deep { One = 1 }\nexport class Q { constructor(readonly v: Deep) {} }\nexport let live = 1;\n",
        "../lib/boom.ts": "export let ticks = 0;\ninterface Gone { a: 1 }\nexport async function boom(): Promise<never> { await 1; throw new Error('from boom') }\nexport const wait = async (): Promise<void> => { for (;;) { await new Promise((r) => setTimeout(r, 10)); ticks++ } };\n",
        "../lib/view.tsx": "export const view = (name: string): string => `<i>${name}</i>`;\n",
        "data.json": '{ "list": [1, 2, 3] }',
        "old.cjs": "module.exports = { one: 1, two() { return 2 } };",
        "../node_modules/esm-only/package.json": '{ "name": "esm-only", "type": "module", "exports": { "import": "./i.js" } }',
        "../node_modules/esm-only/i.js": "export const only = 'esm'; await 0; export default () => 'called';",
        "../node_modules/esm-only/i.d.ts": "export declare const only: string; declare const d: () => string; export default d;",
    }

    def test_reload(self):
        """a local module is loaded anew after an edit, also of what it imports; its types as well"""
        self.assertEqual(self.value_of("import { a } from '../lib/near.ts'; a()"), "10")
        time.sleep(0.02)
        (self.folder / "../lib/far.ts").write_text("export const b: number = 25;\nexport const c: string = 'new';\n")
        self.assertEqual(self.value_of("import { a } from '../lib/near.ts'; a()"), "250")
        self.assertEqual(self.value_of("import { c } from '../lib/far'; c"), "'new'")

    def test_unchanged(self):
        """an unedited module is the same module, with its state"""
        self.ok("import * as own1 from '../lib/own.ts'")
        self.assertEqual(self.value_of("import * as own2 from '../lib/own.ts'; own1.Q === own2.Q"), "true")

    def test_local_enum(self):
        """local TypeScript may use enums and parameter properties; package imports and tsconfig paths lead to it"""
        self.assertEqual(self.value_of("import { Q, Deep } from '@lib/own.ts'; new Q(Deep.One).v"), "1")
        self.assertEqual(self.value_of("import { Deep as D2 } from '#own'; D2.One"), "1")
        self.assertEqual(self.value_of("import { view } from '../lib/view'; view('x')"), "'<i>x</i>'")

    def test_commonjs(self):
        """CommonJS by import and by require, with named imports"""
        self.assertEqual(self.value_of("import old, { one, two } from './old.cjs'; one + two() + old.one"), "4")
        self.assertEqual(self.value_of("require('./old.cjs').two() + require('node:path').sep"), "'2/'")

    def test_esm_only(self):
        """ESM-only packages with top-level await, default and named, static and dynamic"""
        self.assertEqual(self.value_of("import call, { only } from 'esm-only'; only + call()"), "'esmcalled'")
        self.assertEqual(self.value_of("(await import('esm-only')).only"), "'esm'")
        self.assertEqual(self.value_of("const name: string = 'node:os'; typeof (await import(name)).cpus"), "'function'")

    def test_json(self):
        """JSON, with and without the attribute"""
        self.assertEqual(self.value_of("import data from './data.json'; data.list.length"), "3")
        self.assertEqual(self.value_of("import data2 from './data.json' with { type: 'json' }; data2.list[2]"), "3")

    def test_strict_javascript(self):
        """where a tsconfig.json asks for it, plain JavaScript states its types as well"""
        self.assertIn("TS7006", self.fails("function untyped(a) { return a }").error["evalue"])

    def test_used_later(self):
        """an import that only later cells use is kept"""
        self.ok("import { basename } from 'node:path'\nimport type { Stats } from 'node:fs'")
        self.assertEqual(self.value_of("const s: Stats | undefined = undefined; basename('/a/b')"), "'b'")

    def test_where(self):
        """__dirname, __filename and import.meta are those of the notebook's folder"""
        folder = str(self.folder.resolve())
        self.assertEqual(self.value_of("[__dirname, import.meta.dirname, process.cwd()].every((d) => d === __dirname) && __dirname"), f"'{folder}'")
        self.assertEqual(self.value_of("import.meta.url.startsWith('file://') && import.meta.resolve('./data.json').endsWith('/notebooks/data.json')"), "true")

    def test_missing(self):
        """a module that is not there is told by the checker, and at run time by Node"""
        self.assertIn("TS2307", self.fails("import x from 'not-there'").error["evalue"])
        self.assertIn("not-there", self.fails("await import('not-there' as string)").error["evalue"])

    def test_local_traceback(self):
        """an error in a local file names that file's own line and column"""
        text = "\n".join(self.fails("import { boom } from '../lib/boom.ts'\nawait boom()").error["traceback"])
        self.assertRegex(text, r"boom\.ts:3:63")

    def test_local_interrupt(self):
        """an interrupt stops a loop inside a local module that the cell awaits"""
        running = self.client.execute("import { wait } from '../lib/boom.ts'\nawait wait()")
        time.sleep(0.5)
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(running, timeout=5).error["ename"], "InterruptError")
        self.assertEqual(self.value_of("import * as boomed from '../lib/boom.ts'\nconst was = boomed.ticks; await new Promise((r) => setTimeout(r, 100)); was > 5 && boomed.ticks - was"), "0")


class Shell(KernelCase):
    def test_shell(self):
        """a line that begins with ! goes to the shell, its output streams, its failure is an error"""
        self.assertEqual(self.ok("!echo from the shell && pwd").stream(), f"from the shell\n{self.folder.resolve()}\n")
        self.assertEqual(self.ok("const kept = 1\n!echo $((40 + 2)); \\\n  echo on\nkept").result, "1")
        self.assertEqual(self.value_of("`\n!echo no\n`.length + Number(true &&\n!kept)"), "10")
        self.assertIn("3", self.fails("!exit 3").error["evalue"])

    def test_shell_interrupt(self):
        """an interrupt ends a shell command"""
        running = self.client.execute("!sleep 30")
        time.sleep(0.5)
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(running, timeout=5).status, "error")

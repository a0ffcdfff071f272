"""What the check resolves runs, as with tsx."""

from harness import KernelCase

PACKAGES = {
    # CommonJS of old: no "exports", files and folders without their endings.
    "old/package.json": '{ "name": "old", "version": "1.0.0", "main": "./lib/main" }',
    "old/lib/main.js": "const { deep } = require('../deep'); exports.main = 'main ' + deep;",
    "old/lib/main.d.ts": "export declare const main: string;",
    "old/deep/index.js": "exports.deep = 'deep';",
    "old/deep/index.d.ts": "export declare const deep: string;",
    "old/one.js": "exports.one = 1;",
    "old/one.d.ts": "export declare const one: number;",
    "old/util/package.json": '{ "main": "./u.js", "types": "./u.d.ts" }',
    "old/util/u.js": "exports.util = 'util';",
    "old/util/u.d.ts": "export declare const util: string;",
    # ES modules of a bundler's time.
    "esm/package.json": '{ "name": "esm", "version": "1.0.0", "type": "module", "main": "./index" }',
    "esm/index.js": "export { a } from './parts/a'; export * from './parts';",
    "esm/index.d.ts": "export declare const a: string; export declare const part: number;",
    "esm/parts/a.js": "export const a = 'a';",
    "esm/parts/a.d.ts": "export declare const a: string;",
    "esm/parts/index.js": "export const part = 2;",
    "esm/parts/index.d.ts": "export declare const part: number;",
    "bundled/package.json": '{ "name": "bundled", "version": "1.0.0", "module": "./esm/index.js", "types": "./i.d.ts" }',
    "bundled/esm/index.js": "import { only } from './only';\nexport { only };",
    "bundled/esm/only.js": "export const only = 'only';",
    "bundled/i.d.ts": "export declare const only: string;",
    "hidden/package.json": '{ "name": "hidden", "version": "1.0.0", "type": "commonjs", "module": "./m.js", "types": "./m.d.ts" }',
    "hidden/m.js": "export const m = 'm';\nexport default 5;",
    "hidden/m.d.ts": "export declare const m: string; declare const d: number; export default d;",
    "@scope/pack/package.json": '{ "name": "@scope/pack", "version": "1.0.0" }',
    "@scope/pack/index.js": "module.exports = { name: 'scoped' };",
    "@scope/pack/index.d.ts": "export declare const name: string;",
    "@scope/pack/sub/thing.js": "module.exports = { thing: 'thing' };",
    "@scope/pack/sub/thing.d.ts": "export declare const thing: string;",
    "typed/package.json": '{ "name": "typed", "version": "1.0.0", "main": "./src/index.ts" }',
    "typed/src/index.ts": "import { helper } from './helper';\nexport enum Level { Low = 1 }\nexport const typed: number = helper(Level.Low);",
    "typed/src/helper.ts": "export const helper = (n: number): number => n + 1;",
    # CommonJS whose names Node cannot foresee.
    "dynamic/package.json": '{ "name": "dynamic", "version": "1.0.0", "main": "i.js" }',
    "dynamic/i.js": "function dynamic() { return 'called' }\nfor (const name of ['sum', 'times']) dynamic[name] = (...xs) => xs.reduce((a, b) => (name === 'sum' ? a + b : a * b));\nmodule.exports = dynamic;",
    "dynamic/i.d.ts": "declare function dynamic(): string;\ndeclare namespace dynamic { function sum(...xs: number[]): number; function times(...xs: number[]): number; interface Options { a: number } }\nexport = dynamic;",
    "compiled/package.json": '{ "name": "compiled", "version": "1.0.0", "main": "i.js" }',
    "compiled/i.js": "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = function () { return 'default' }; exports.named = 'named';",
    "compiled/i.d.ts": "export default function (): string; export declare const named: string;",
    "lazy/package.json": '{ "name": "lazy", "version": "1.0.0", "main": "i.js" }',
    "lazy/i.js": "let loads = 0; module.exports = { get loads() { return loads } }; Object.defineProperty(module.exports, 'part', { enumerable: true, get() { loads++; return 'part' } });",
    "lazy/i.d.ts": "export declare const part: string; export declare const loads: number;",
    "klass/package.json": '{ "name": "klass", "version": "1.0.0", "main": "i.js" }',
    "klass/i.js": "module.exports = class Klass { static make() { return new Klass() } hi() { return 'hi' } };",
    "klass/i.d.ts": "declare class Klass { static make(): Klass; hi(): string }\ndeclare namespace Klass {}\nexport = Klass;",
}

LOCAL = {
    "package.json": '{ "name": "notebooks", "version": "1.0.0" }',
    "tsconfig.json": '{ "compilerOptions": { "strict": true, "paths": { "@/*": ["./*"], "only-here": ["./mapped.ts"] } } }',
    "mapped.ts": "export const mapped: string = 'mapped';",
    "b.ts": "export const text: string = 'b';\nexport interface Row { n: number }\nexport type Id = string;\nexport default class Box { constructor(readonly v: number) {} }\n",
    "c.js": "module.exports = { c: 'see', where: __dirname.length > 0 };",
    "d.cts": "import { text } from './b';\nexport const d: string = typeof require + text;\nexport enum Kind { One = 'one' }\n",
    "e.mts": "export const e: string = import.meta.filename.slice(-5);",
    "data.json": '{ "n": 1, "list": [1, 2] }',
    "folder/index.ts": "export const folder = 'folder';",
    "folder/package.json": '{ "main": "./main.ts" }',
    "folder/main.ts": "export const folder = 'main of folder';",
    "plain/index.js": "module.exports = 'plain folder';",
    "view.tsx": "export const view = (name: string) => <b>{name}</b>;",
    # A CommonJS project's TypeScript.
    "a.ts": "import path = require('path');\nconst dir = __dirname;\nfunction helper(n: number) { return path.basename(dir).length > 0 ? n * 2 : 0 }\nexport = { helper };\n",
    "reads.ts": "import { readFileSync } from 'fs';\nexport const read = readFileSync(require('path').join(__dirname, 'data.json'), 'utf8').length + __filename.length > 0;\n",
    "common.ts": "const { text } = require('./b');\nmodule.exports = { common: text + 1 };\n",
    "uses.cts": "const b = require('./b');\nmodule.exports = { fromB: b.text };\n",
    # Types imported and exported without a word about it.
    "types.ts": "import { Row, Id, text } from './b';\nimport Box from './b';\nimport { Stats } from 'node:fs';\nimport * as fs from 'node:fs';\nexport { Row, text } from './b';\nexport { Id };\nexport const rows: Row[] = [{ n: 1 }];\nexport const size = (s: Stats): number => s.size;\nexport const box = (b: Box): number => b.v;\nexport const id = (given: Id): Id => given + text;\nexport const open: typeof fs.openSync | undefined = undefined;\n",
    "names.ts": "import { sum, times, Options } from 'dynamic';\nimport * as all from 'dynamic';\nimport whole from 'dynamic';\nimport fn, { named } from 'compiled';\nimport data, { n } from './data.json';\nimport { c } from './c';\nimport { helper } from './a';\nconst o: Options = { a: 1 };\nexport const got = [sum(1, 2), times(2, 3), all.sum(1, 1), whole(), fn(), named, data.list.length, n, c, helper(2), o.a];\n",
    "late.ts": "export const early = (): number => total(1);\nimport { sum } from 'dynamic';\nfunction total(n: number): number { return sum(n, 1) }\n",
    "throws.ts": "import { sum, Options } from 'dynamic';\nimport {\n  Row,\n} from './b';\n\nexport function boom(o?: Options | Row): number {\n  if (o) return sum(1);\n  throw new Error('boom');\n}\n",
    "lib/sq.ts": "export const sq = (n: number): number => n * n;",
    "w.ts": "import { parentPort, workerData } from 'node:worker_threads';\nimport { sq } from './lib/sq';\nimport { text } from '@/b';\nimport { sum } from 'dynamic';\nenum Mode { Fast = 'fast' }\nparentPort!.postMessage([Mode.Fast, sq(workerData as number), text, sum(1, 2)]);\n",
    "fails.ts": "interface Gone { a: 1 }\nenum Mode { Fast }\n\nthrow new Error('in the worker');\n",
    "child.ts": "import { sq } from './lib/sq';\nenum Mode { Fast = 'fast' }\nprocess.send!([Mode.Fast, sq(3)]);\nprocess.disconnect();\n",
    "child.cts": "import { text } from './b';\nprocess.send!(text + typeof require);\nprocess.disconnect();\n",
}


class Resolution(KernelCase):
    files = {**{f"node_modules/{name}": text for name, text in PACKAGES.items()}, **LOCAL}

    def check(self, table):
        for code, result in table.items():
            with self.subTest(code):
                self.assertEqual(self.value_of(code), result)

    def test_packages(self):
        """deep, extensionless and folder imports of packages, packages with `module` only, packages of TypeScript"""
        self.check({
            "import { main } from 'old'; main": "'main deep'",
            "import { one } from 'old/one'; one": "1",
            "import { one as one2 } from 'old/one.js'; one2": "1",
            "import { util } from 'old/util'; util": "'util'",
            "import { deep } from 'old/deep'; deep": "'deep'",
            "import { deep as deep2 } from 'old/deep/index'; deep2": "'deep'",
            "import { a, part } from 'esm'; a + part": "'a2'",
            "import { part as part2 } from 'esm/parts'; part2": "2",
            "import { only } from 'bundled'; only": "'only'",
            "import five, { m } from 'hidden'; m + five": "'m5'",
            "import { name } from '@scope/pack'; name": "'scoped'",
            "import { thing } from '@scope/pack/sub/thing'; thing": "'thing'",
            "import { typed, Level } from 'typed'; typed + Level.Low": "3",
            "require('old').main + require('old/one').one + require('old/util').util": "'main deep1util'",
            "require('@scope/pack/sub/thing').thing": "'thing'",
            "require('bundled').only": "'only'",
            "(await import('old/deep')).deep": "'deep'",
            "const spec: string = 'old/one'; (await import(spec)).one": "1",
        })

    def test_commonjs_names(self):
        """CommonJS by its names, its namespace and its default, as TypeScript sees it"""
        self.check({
            "import * as all from 'dynamic'; all.sum(1, 2) + all.times(2, 3)": "9",
            "import { sum, times as product } from 'dynamic'; sum(1, 2) + product(2, 2)": "7",
            "import dynamic from 'dynamic'; dynamic() + dynamic.sum(1)": "'called1'",
            "import whole, * as parts from 'dynamic'; whole() + parts.sum(2)": "'called2'",
            "const ns = await import('dynamic'); ns.sum(3, 4) + ns.default()": "'7called'",
            "import fn, { named } from 'compiled'; fn() + named": "'defaultnamed'",
            "import * as compiled from 'compiled'; compiled.default() + compiled.named": "'defaultnamed'",
            "import { loads } from 'lazy'; import * as lazy from 'lazy'; lazy.loads": "0",
            "lazy.part + lazy.loads": "'part1'",
            "import Klass from 'klass'; new Klass().hi() + Klass.make().hi()": "'hihi'",
            "import dyn = require('dynamic'); dyn() + dyn.sum(1, 1)": "'called2'",
            "import * as d1 from 'dynamic'; import * as d2 from 'dynamic'; d1 === d2": "true",
            "import * as json from './data.json'; json.list.length + json.n": "3",
            "import { list } from './data.json'; list.length": "2",
            "import * as fs from 'node:fs'; import fs2, { existsSync } from 'fs'; fs.existsSync === existsSync && fs2.existsSync === existsSync": "true",
        })

    def test_require(self):
        """require takes what import takes"""
        self.check({
            "require('./b.ts').text + require('./b').text": "'bb'",
            "new (require('./b').default)(3).v": "3",
            "require('./data.json').n + require('./data').n": "2",
            "require('./folder').folder": "'main of folder'",
            "require('./plain')": "'plain folder'",
            "require('@/b').text + require('only-here').mapped": "'bmapped'",
            "require('@/lib/sq').sq(3)": "9",
            "require('./uses.cts').fromB + require('./uses').fromB": "'bb'",
            "require('./d.cts').d": "'functionb'",
            "require('./e.mts').e": "'e.mts'",
            "require('./common').common + require('./a').helper(4)": "'b18'",
            "typeof require('tslab').display.html": "'function'",
            "import { createRequire } from 'node:module'; createRequire(import.meta.url)('./b.ts').text": "'b'",
            "require.resolve('old/one').endsWith('old/one.js')": "true",
        })

    def test_local(self):
        """TypeScript of a CommonJS project: require, __dirname, export =, .cts with exports, types without `type`"""
        self.check({
            "import { text } from './b'; text": "'b'",
            "import a from './a'; a.helper(2)": "4",
            "import { helper } from './a'; helper(3)": "6",
            "import c from './c'; c.c": "'see'",
            "import { read } from './reads'; read": "true",
            "import { d, Kind } from './d.cts'; d + Kind.One": "'functionbone'",
            "import { e } from './e.mjs'; e": "'e.mts'",
            "import { folder } from './folder'; folder": "'main of folder'",
            "import { mapped } from 'only-here'; mapped": "'mapped'",
            "import * as types from './types'; types.rows.length + types.id('x') + types.text": "'1xbb'",
            "import { got } from './names'; got.join()": "'3,6,2,called,default,named,2,1,see,4,1'",
            "import { early } from './late'; early()": "2",
            "import { view } from './view'; String(view('x'))": "'<b>x</b>'",
        })
        text = "\n".join(self.fails("import { boom } from './throws'; boom()").error["traceback"])
        self.assertRegex(text, r"throws\.ts:8:9")

    def test_workers(self):
        """worker threads and forked processes run TypeScript with enums, paths and extensionless imports"""
        self.ok("import { Worker } from 'node:worker_threads'; import { once } from 'node:events'; import { fork } from 'node:child_process'")
        self.check({
            "const w = new Worker(new URL('./w.ts', import.meta.url), { workerData: 7 }); (await once(w, 'message'))[0]": "[ 'fast', 49, 'b', 3 ]",
            "const w2 = new Worker('./w.ts', { workerData: 2 }); (await once(w2, 'message'))[0]": "[ 'fast', 4, 'b', 3 ]",
            "const child = fork('./child.ts'); (await once(child, 'message'))[0]": "[ 'fast', 9 ]",
            "const child2 = fork('./child.cts'); (await once(child2, 'message'))[0]": "'bfunction'",
            "const evaluated = new Worker(`require('node:worker_threads').parentPort.postMessage(require('./b').text)`, { eval: true }); (await once(evaluated, 'message'))[0]": "'b'",
        })
        self.assertIn("fails.ts:4:7", self.value_of("const bad = new Worker(new URL('./fails.ts', import.meta.url)); const [thrown] = await once(bad, 'error') as [Error]; thrown.stack"))

    def test_refused(self):
        """what the check does not resolve is refused before it runs"""
        for code in ("import x from 'old/nothing'", "import './nothing'", "import { nothing } from './b'", "import x from '@/nothing'"):
            self.assertRegex(self.fails(code).error["evalue"], "TS(2307|2305|2614|2724|2882)", code)

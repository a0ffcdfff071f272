from harness import KernelCase


class Cells(KernelCase):
    files = {"../lib/far.ts": "export const b: number = 1;\n", "../lib/near.ts": "import { b } from './far.ts';\nexport const a = (): number => b * 10;\n"}

    def test_result(self):
        """a last expression is the cell's result"""
        self.assertEqual(self.value_of("1 + 1"), "2")

    def test_types(self):
        """a type error stops the cell before anything of it runs, with line and column"""
        outcome = self.fails("console.log('ran');\nconst n: number = 'text';")
        self.assertEqual(outcome.kinds, ["error"])
        self.assertIn(":2:7 - TS2322", outcome.error["evalue"])

    def test_types_across(self):
        """types are known across cells"""
        self.ok("function twice(n: number): number { return 2 * n }")
        self.assertIn("TS2345", self.fails("twice('a')").error["evalue"])
        self.assertEqual(self.value_of("twice(21)"), "42")

    def test_reload(self):
        """a local module is loaded anew after an edit of what it imports"""
        self.assertEqual(self.value_of("import { a } from '../lib/near.ts'; a()"), "10")
        (self.folder / "../lib/far.ts").write_text("export const b: number = 25;\n")
        self.assertEqual(self.value_of("import { a } from '../lib/near.ts'; a()"), "250")

    def test_runtime_error(self):
        """an error's traceback names the cell's own line and column"""
        outcome = self.fails("const é = '😀';\n\nthrow new RangeError('out')")
        self.assertEqual((outcome.error["ename"], outcome.error["evalue"]), ("RangeError", "out"))
        self.assertIn("]:3:7", "\n".join(outcome.error["traceback"]))

    def test_no_tensorflow(self):
        """the session loads no TensorFlow"""
        self.assertEqual(self.value_of("Object.keys(require.cache).filter((f) => /tensorflow|tfjs/.test(f)).length"), "0")

"""Magics, In and Out, and what a cell may be besides TypeScript."""

from harness import KernelCase


class Magics(KernelCase):
    def printed(self, code, **options):
        return self.ok(code, **options).stream()

    def test_list(self):
        """%lsmagic lists every magic with its usage"""
        listed = self.printed("%lsmagic")
        for usage in ("%cd FOLDER", "%env [NAME[=VALUE]]", "%npm install", "%timeit", "%who", "%%bash", "%%html", "%%writefile [-a] FILE"):
            self.assertIn(usage, listed)

    def test_unknown(self):
        """an unknown magic is named with the nearest known one, and nothing of its cell runs"""
        for code, hint in {"%tmie 1 + 1": "did you mean %time?", "%%bahs\nls": "did you mean %%bash?", "%bash": "there is %%bash", "%xyzzyfoo": "%lsmagic"}.items():
            error = self.fails("globalThis.ranAnyway = true;\n" + code if not code.startswith("%%") else code).error
            self.assertEqual(error["ename"], "SyntaxError", code)
            self.assertIn(hint, error["evalue"])
        self.assertEqual(self.value_of("'ranAnyway' in globalThis"), "false")

    def test_folder(self):
        """%cd and %pwd: the session's folder, for shell lines too"""
        self.ok("!mkdir -p deeper")
        self.assertTrue(self.printed("%cd deeper").strip().endswith("/notebooks/deeper"))
        self.assertTrue(self.printed("!pwd").strip().endswith("/notebooks/deeper"))
        self.assertTrue(self.printed("%cd ..\n%pwd").strip().endswith("/notebooks"))
        self.assertIn("nowhere", self.fails("%cd nowhere").error["evalue"])

    def test_environment(self):
        """%env sets what processes and cells then find, tells one, and says which is missing"""
        self.assertEqual(self.printed("%env COLOUR=deep blue").strip(), "env: COLOUR=deep blue")
        self.assertEqual(self.printed("!echo $COLOUR").strip(), "deep blue")
        self.assertEqual(self.value_of("process.env.COLOUR"), "'deep blue'")
        self.assertEqual(self.printed("%env COLOUR").strip(), "deep blue")
        self.assertIn("NOT_THERE", self.fails("%env NOT_THERE").error["evalue"])

    def test_time(self):
        """%time keeps what a statement declares and gives; %%time keeps the cell's result"""
        outcome = self.ok("%time const timed: number = 6 * 7;")
        self.assertRegex(outcome.stream(), r"CPU times: user .*\nWall time: [\d.]+ (µs|ms|ns|s)")
        self.assertEqual(self.value_of("timed"), "42")
        self.assertEqual(self.ok("%time await Promise.resolve(5)").result, "5")
        outcome = self.ok("%%time\nconst inside = [1, 2];\ninside.length")
        self.assertEqual((outcome.result, "Wall time" in outcome.stream()), ("2", True))
        self.assertEqual(self.value_of("inside"), "[ 1, 2 ]")

    def test_time_error(self):
        """an error under %%time is told at its own line"""
        error = self.fails("%%time\nconst fine = 1;\nthrow new RangeError('third line');").error
        self.assertRegex("\n".join(error["traceback"]), r"(?s)3.*third line|third line.*3")

    def test_timeit(self):
        """%timeit and %%timeit say mean and deviation over runs and loops"""
        self.assertRegex(self.printed("%timeit -n 10 -r 3 Math.sqrt(2)"), r"per loop \(mean ± std. dev. of 3 runs, 10 loops each\)")
        self.assertRegex(self.printed("%%timeit -n 5 -r 1 let total = 0;\ntotal += 1;\nawait null;"), r"of 1 run, 5 loops each")
        self.assertIn("usage", self.fails("%timeit -n 5").error["evalue"])

    def test_who_and_reset(self):
        """%who lists the names of cells; %reset forgets them, and the cell goes on in a fresh session"""
        self.ok("const whoA = 1; function whoB() {}")
        self.assertIn("whoA whoB", self.printed("%who"))
        self.assertEqual(self.ok("%reset\ntypeof globalThis").result, "'object'")
        self.assertIn("whoA", self.fails("whoA").error["evalue"])

    def test_cells(self):
        """%%bash and %%sh run, %%html, %%markdown, %%latex, %%svg and %%javascript show"""
        self.assertEqual(self.printed("%%bash\nfor i in 1 2; do echo \"n$i\"; done\necho 'it''s'").split(), ["n1", "n2", "its"])
        self.assertIn("exit code 3", self.fails("%%sh\nexit 3").error["evalue"])
        for name, mime in {"html": "text/html", "markdown": "text/markdown", "latex": "text/latex", "svg": "image/svg+xml", "javascript": "application/javascript"}.items():
            shown = self.ok(f"%%{name}\n<b>`${{1}}`</b>\n'x'").contents("display_data")
            self.assertEqual(shown[0]["data"][mime], "<b>`${1}`</b>\n'x'")

    def test_writefile(self):
        """%%writefile writes, says when it overwrites, and appends with -a"""
        self.assertEqual(self.printed("%%writefile made.ts\nexport const made: number = 1;").strip(), "Writing made.ts")
        self.assertEqual(self.printed("%%writefile made.ts\nexport const made: number = 2;").strip(), "Overwriting made.ts")
        self.assertEqual(self.printed("%%writefile -a made.ts\nexport const more = 3;").strip(), "Appending to made.ts")
        self.assertEqual(self.value_of("import { made, more } from './made.ts'; [made, more]"), "[ 2, 3 ]")

    def test_remainder(self):
        """a line that begins with the remainder operator stays TypeScript, in templates and comments too"""
        self.assertEqual(self.value_of("const dividend = 17, modulus = 5;\ndividend\n% modulus"), "2")
        self.assertEqual(self.value_of("`\n%time\n%%bash`"), "'\\n%time\\n%%bash'")
        self.assertEqual(self.value_of("/*\n%nothing\n*/ 4"), "4")

    def test_object(self):
        """a cell that reads as an object literal is an object; blocks stay blocks"""
        self.assertEqual(self.value_of("{ a: 1, b: 'two' }"), "{ a: 1, b: 'two' }")
        self.assertEqual(self.value_of("{\n  nested: { c: [1] },\n  m() { return 1; },\n}"), "{ nested: { c: [ 1 ] }, m: [Function: m] }")
        self.assertEqual(self.printed("{ const local = 1; console.log(local); }"), "1\n")
        self.assertIsNone(self.ok("{}").error)

    def test_hashbang(self):
        """a #! line counts as a comment"""
        self.assertEqual(self.value_of("#!/usr/bin/env node\n3"), "3")


class Results(KernelCase):
    def test_names(self):
        """_, __ and ___ are the last results, In and Out have them by number"""
        self.ok("'first'")
        self.ok("'second'")
        self.ok("const nothing = 1;")
        count = self.ok("[_, __]").reply["execution_count"]
        self.assertEqual(self.value_of("_"), "[ 'second', 'first' ]")
        self.assertEqual(self.value_of(f"Out[{count}].length"), "2")
        self.assertEqual(self.value_of(f"In[{count}]"), "'[_, __]'")
        self.assertEqual(self.value_of(f"Out[{count - 1}]"), None)
        self.assertEqual(self.value_of(f"Object.keys(Out).includes('{count - 1}')"), "false")

    def test_own(self):
        """a cell's own _ is its own, as lodash is imported"""
        self.ok("const _ = { chunk: 1 };")
        self.ok("'another result'")
        self.assertEqual(self.value_of("_.chunk"), "1")

    def test_not_counted(self):
        """silent cells and those without history leave no trace"""
        count = self.ok("'kept'").reply["execution_count"]
        self.run_cell("'unseen'", silent=True)
        self.run_cell("'unseen'", store_history=False)
        self.assertEqual(self.value_of(f"Out[{count}]"), "'kept'")

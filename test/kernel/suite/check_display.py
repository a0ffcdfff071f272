import base64
import time

from harness import KernelCase

PNG = "iVBORw0KGgo="


class Displays(KernelCase):
    def shown(self, code):
        outcome = self.ok(code)
        return outcome.contents("display_data")

    def data(self, code):
        return self.ok(code).contents("execute_result")[-1]["data"]

    def test_order(self):
        """outputs come in the order of the calls, and a cell that ends in a display has no other result"""
        for code, kinds in [
            ("cell.display({ n: 1 }); console.log('after')", ["display_data", "stream"]),
            ("console.log('before'); cell.display([1]); console.error('after'); cell.display('x')", ["stream", "display_data", "stream", "display_data"]),
            ("cell.display({ n: 1 })", ["display_data"]),
            ("await cell.display({ n: 1 })", ["display_data"]),
            ("cell.display({ [Symbol.for('Jupyter.display')]: async () => ({ 'text/plain': 'late' }) })", ["display_data"]),
        ]:
            self.assertEqual(self.ok(code).kinds, kinds, code)

    def test_bundle(self):
        """several MIME types at once, binary ones as base64, JSON as JSON"""
        data = self.shown("cell.displayData({ 'text/html': '<b>b</b>', 'text/plain': 'b', 'image/png': new Uint8Array([137, 80]), 'application/json': { a: [1, 2] } })")[0]["data"]
        self.assertEqual(data, {"text/html": "<b>b</b>", "text/plain": "b", "image/png": base64.b64encode(b"\x89P").decode(), "application/json": {"a": [1, 2]}})

    def test_update(self):
        """update_display_data takes the place of what its id names, also from a later cell"""
        outcome = self.ok("cell.displayData({ 'text/plain': 'one' }, { displayId: 'd1' })")
        self.assertEqual(outcome.contents("display_data")[0]["transient"], {"display_id": "d1"})
        outcome = self.ok("cell.displayData({ 'text/plain': 'two' }, { displayId: 'd1', update: true })")
        self.assertEqual([(c["data"]["text/plain"], c["transient"]) for c in outcome.contents("update_display_data")], [("two", {"display_id": "d1"})])

    def test_clear(self):
        """clear_output, at once and with wait"""
        self.assertEqual([c["wait"] for c in self.ok("cell.clearOutput(); cell.clearOutput(true)").contents("clear_output")], [False, True])

    def test_symbol(self):
        """a value's own Symbol.for('Jupyter.display') is used, also when it is asynchronous"""
        self.assertEqual(self.data("({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<i>own</i>', 'text/plain': 'own' }) })"), {"text/html": "<i>own</i>", "text/plain": "own"})
        self.assertEqual(self.data("({ async [Symbol.for('Jupyter.display')]() { return { 'text/markdown': '*later*' } } })")["text/markdown"], "*later*")
        self.assertEqual(self.shown("await cell.display({ [Symbol.for('Jupyter.display')]: () => ({ 'text/latex': 'x' }) })")[0]["data"]["text/latex"], "x")

    def test_not_awaited(self):
        """what is displayed without await is shown before its cell's idle, also where the cell throws or the display fails"""
        slow = "const slow = (text: string) => ({ async [Symbol.for('Jupyter.display')]() { await new Promise((r) => setTimeout(r, 300)); return { 'text/plain': text } } })\n"
        texts = lambda outcome: [c["data"]["text/plain"] for c in outcome.contents("display_data")]
        outcome = self.ok(slow + "void cell.display(slow('a')); void cell.display(slow('b')); 'result'")
        self.assertEqual(texts(outcome), ["a", "b"])
        self.assertEqual(outcome.kinds, ["display_data", "display_data", "execute_result"])
        outcome = self.fails("void cell.display(slow('c')); throw new Error('thrown')")
        self.assertEqual(texts(outcome), ["c"])
        self.assertEqual(outcome.kinds, ["display_data", "error"])
        outcome = self.ok("void cell.display({ async [Symbol.for('Jupyter.display')]() { await new Promise((r) => setTimeout(r, 50)); throw new Error('no view') } })")
        self.assertEqual(outcome.error["evalue"], "no view")

    def test_endless_display(self):
        """a view that is never made ends with an interrupt, of a result and of a display; promises of the user are not waited for"""
        for code in ("never", "void cell.display(never)"):
            running = self.client.execute("const never = { [Symbol.for('Jupyter.display')]: () => new Promise(() => {}) }\n" + code)
            time.sleep(0.5)
            self.manager.interrupt_kernel()
            self.assertEqual(self.finish(running, timeout=8).error["ename"], "InterruptError")
        self.assertEqual(self.ok("void new Promise((r) => setTimeout(r, 60_000)); 1").result, "1")

    def test_plain(self):
        """objects, Maps, Sets, typed arrays, errors, classes, functions and symbols have a readable view"""
        for code, expected in {
            "({ a: { b: { c: { d: 1 } } } })": "{\n  a: { b: { c: { d: 1 } } }\n}",
            "new Map([['k', new Set([1])]])": "Map(1) { 'k' => Set(1) { 1 } }",
            "new Float32Array([1.5, 2])": "Float32Array(2) [ 1.5, 2 ]",
            "Symbol('s')": "Symbol(s)",
            "(class Foo { x = 1 })": "[class Foo]",
            "new Date(0)": "1970-01-01T00:00:00.000Z",
            "/a/g": "/a/g",
            "12345678901234567890n": "12345678901234567890n",
        }.items():
            self.assertEqual(self.value_of(code), expected)
        self.assertIn("RangeError: kept", self.value_of("new RangeError('kept')"))

    def test_long(self):
        """a long array is cut, with a count of what is left out"""
        self.assertIn("900 more items", self.value_of("Array.from({ length: 1000 }, (_, i) => i)"))
        self.assertLess(len(self.value_of("new Float64Array(1e7)")), 5000)

    def test_vega_lite(self):
        """vega-lite and Vega specifications are charts"""
        data = self.data("({ $schema: 'https://vega.github.io/schema/vega-lite/v6.json', data: { values: [{ a: 1 }] }, mark: 'point', encoding: {} })")
        self.assertEqual(data["application/vnd.vegalite.v5+json"]["mark"], "point")
        data = self.data("({ $schema: 'https://vega.github.io/schema/vega/v6.json', marks: [] })")
        self.assertIn("application/vnd.vega.v5+json", data)

    def test_plotly(self):
        """Plotly figures are charts, typed arrays in them numbers"""
        data = self.data("({ data: [{ type: 'scatter', x: new Float32Array([1, 2]), y: [3, 4] }], layout: { title: { text: 't' } } })")
        self.assertEqual(data["application/vnd.plotly.v1+json"]["data"][0]["x"], [1, 2])
        self.assertEqual(list(self.data("({ data: [1, 2], layout: 'wide' })")), ["text/plain"])

    def test_tslab(self):
        """tslab's display API, from the package's own types or ours"""
        code = (
            "import { display, newDisplay } from 'tslab'\n"
            "display.html('<b>h</b>'); display.markdown('# m'); display.latex('x'); display.svg('<svg/>'); display.text('t')\n"
            "display.png(new Uint8Array([1])); display.jpeg(new Uint8Array([2])); display.gif(new Uint8Array([3])); display.pdf(new Uint8Array([4])); display.javascript('1')\n"
            "display.raw('text/x', 'raw')\n"
            "const d = newDisplay(); d.text('first'); d.text('second');"
        )
        outcome = self.ok(code)
        kinds = [list(c["data"])[0] for c in outcome.contents("display_data")]
        self.assertEqual(kinds, ["text/html", "text/markdown", "text/latex", "image/svg+xml", "text/plain", "image/png", "image/jpeg", "image/gif", "application/pdf", "text/javascript", "text/x", "text/plain"])
        self.assertEqual(outcome.contents("display_data")[5]["data"]["image/png"], base64.b64encode(b"\x01").decode())
        self.assertEqual(outcome.contents("update_display_data")[0]["data"]["text/plain"], "second")

    def test_not_clonable(self):
        """functions in a JSON view do no harm"""
        self.assertEqual(self.data("({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 'bar', f() {} })")["application/vnd.vegalite.v5+json"]["mark"], "bar")


class Libraries(KernelCase):
    """In the repository itself, whose packages are there."""

    @classmethod
    def setUpClass(cls):
        import harness

        super().setUpClass()
        (cls.folder / "node_modules").symlink_to(harness.ROOT / "node_modules")

    def test_frame(self):
        """a danfo.js frame is a table"""
        outcome = self.ok("import { DataFrame } from 'danfojs-node'\nconst frame = new DataFrame({ eta: [0.1, 0.2], name: ['<a>', 'b'] })\nframe", timeout=60)
        data = outcome.contents("execute_result")[0]["data"]
        self.assertIn("<th>eta</th>", data["text/html"])
        self.assertIn("&#60;a&#62;", data["text/html"])
        self.assertIn("0.2", data["text/plain"])
        self.assertIn("0.1", self.ok("frame['eta']").contents("execute_result")[0]["data"]["text/html"])

    def test_tensor(self):
        """a tensor shows shape, dtype, values and statistics"""
        text = self.value_of("import * as tf from '@tensorflow/tfjs'\ntf.tensor2d([[1, 2], [3, 6]])", timeout=60)
        for part in ("float32", "2 x 2", "[1, 2]", "mean 3", "min 1", "max 6"):
            self.assertIn(part, text)
        self.assertIn("disposed", self.value_of("const gone = tf.tensor1d([1]); gone.dispose(); gone"))

    def test_vega_lite_package(self):
        """vega-lite 6, which is ESM-only, compiles a chart"""
        self.assertEqual(self.value_of("import * as vegaLite from 'vega-lite'\nObject.keys(vegaLite.compile({ mark: 'bar', data: { values: [] }, encoding: {} }).spec).includes('marks')", timeout=60), "true")

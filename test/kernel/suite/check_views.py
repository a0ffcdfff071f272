"""Views by shape: values of libraries that the kernel has never heard of."""

import base64

from harness import KernelCase

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class Views(KernelCase):
    def data(self, code, **options):
        return self.ok(code, **options).contents("execute_result")[-1]["data"]

    def test_rows(self):
        """an array of like objects is a table of its first rows with their count; unlike ones and nested ones are text"""
        data = self.data("Array.from({ length: 50 }, (_, i) => ({ name: '<n' + i + '>', square: i * i }))")
        self.assertIn("<th>square</th>", data["text/html"])
        self.assertIn("&#60;n19&#62;", data["text/html"])
        self.assertNotIn("&#60;n20&#62;", data["text/html"])
        self.assertIn("first 20 of 50 rows x 2 columns", data["text/html"])
        self.assertIn("name: '<n0>'", data["text/plain"])
        for code in ("[1, 2, 3]", "[{ a: 1 }, 2]", "[{ a: 1, b: 2, c: 3 }, { d: 1 }]", "[{ a: { deep: 1 } }]", "[]", "[{}]", "[{ get a() { throw new Error('looked at') } }]"):
            self.assertEqual(list(self.data(code)), ["text/plain"], code)

    def test_missing_keys(self):
        """rows that lack a key have an empty cell there"""
        self.assertIn("<td>1</td><td></td>", self.data("[{ a: 1, b: null }, { a: 1 }, { a: 2, b: 3 }]")["text/html"])

    def test_images(self):
        """bytes of a PNG, JPEG, GIF or WebP and Blobs of them are pictures; other bytes are text"""
        code = f"Buffer.from('{base64.b64encode(PNG).decode()}', 'base64')"
        self.assertEqual(base64.b64decode(self.data(code)["image/png"]), PNG)
        self.assertIn("image/png", self.data(f"new Blob([{code}])"))
        self.assertIn("image/png", self.data(f"new Uint8Array({code}).buffer"))
        self.assertIn("image/jpeg", self.data("new Uint8Array([0xff, 0xd8, 0xff, 0xe0])"))
        self.assertIn("image/gif", self.data("Buffer.from('GIF89a...')"))
        self.assertIn("image/webp", self.data("Buffer.from('RIFF0000WEBPVP8 ')"))
        self.assertIn("image/svg+xml", self.data("new Blob(['<svg/>'], { type: 'image/svg+xml' })"))
        self.assertEqual(list(self.data("Buffer.from('GIF, no')")), ["text/plain"])

    def test_elements(self):
        """DOM elements are HTML, svg elements pictures that stand on their own, as jsdom and linkedom make them"""
        self.assertEqual(self.data("({ nodeType: 1, outerHTML: '<p>hi</p>' })")["text/html"], "<p>hi</p>")
        self.assertEqual(self.data("({ nodeType: 1, outerHTML: '<svg width=\"3\"/>' })")["image/svg+xml"], '<svg xmlns="http://www.w3.org/2000/svg" width="3"/>')
        self.assertEqual(self.data("({ nodeType: 9, documentElement: { outerHTML: '<html></html>' } })")["text/html"], "<html></html>")

    def test_methods(self):
        """toHTML, _repr_html_ and their kin show a value, awaited; one that throws leaves the text"""
        self.assertEqual(self.data("({ toHTML: () => '<i>t</i>' })")["text/html"], "<i>t</i>")
        data = self.data("({ async _repr_html_() { return '<i>r</i>' }, _repr_markdown_: () => '*r*', _repr_latex_: () => 5 })")
        self.assertEqual((data["text/html"], data["text/markdown"], "text/latex" in data), ("<i>r</i>", "*r*", False))
        self.assertEqual(list(self.data("({ toHTML() { throw new Error('no') } })")), ["text/plain"])

    def test_arrow(self):
        """Arrow tables by their shape"""
        code = "({ schema: { fields: [{ name: 'x', type: 'Int32' }] }, numRows: 30, get: (i: number) => ({ toJSON: () => ({ x: i }) }) })"
        data = self.data(code)
        self.assertIn("first 20 of 30 rows", data["text/html"])
        self.assertIn("Table of 30 rows: x: Int32", data["text/plain"])

    def test_canvas(self):
        """canvases are pictures"""
        self.assertEqual(self.data("({ width: 1, getContext() {}, toDataURL: () => 'data:image/png;base64,AAAA' })")["image/png"], "AAAA")

    def test_traps(self):
        """values that lie about their shape, proxies that throw and dead ones do no harm"""
        for code in ("new Proxy({}, { get() { throw new Error('no') } })", "({ schema: { fields: [1] }, numRows: 1, get() { throw 1 } })", "Object.create(null)", "({ nodeType: 1, outerHTML: 5 })", "({ then: 5 })"):
            outcome = self.run_cell(code)
            self.assertEqual(self.value_of("'alive'"), "'alive'", code)
            self.assertNotIn("views.ts", str(outcome.reply))

    def test_cause(self):
        """an error's cause and an aggregate's errors are told"""
        text = self.value_of("new Error('outer', { cause: new TypeError('inner') })")
        self.assertIn("TypeError: inner", text)
        trace = "\n".join(self.fails("throw new AggregateError([new Error('one'), new RangeError('two')], 'both')").error["traceback"])
        self.assertIn("two", trace)


class Deno(KernelCase):
    """The façade of Deno's display API, by the examples of Deno's documentation (docs.deno.com: jupyter, jupyter_display)."""

    files = {"chart.svg": "<svg/>"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "chart.png").write_bytes(PNG)

    def data(self, code):
        return self.ok(code).contents("execute_result")[-1]["data"]

    def test_tags(self):
        """md, html and svg are tagged templates whose result is shown"""
        self.assertEqual(self.data("const name = 'Deno';\nDeno.jupyter.md`## Hello from ${name}\n- and ${1 + 1} other things`;")["text/markdown"], "## Hello from Deno\n- and 2 other things")
        self.assertEqual(self.data("Deno.jupyter.html`<table>\n  <tr><th>lang</th></tr>\n</table>`;")["text/html"], "<table>\n  <tr><th>lang</th></tr>\n</table>")
        self.assertEqual(self.data("Deno.jupyter.svg`<svg viewBox='0 0 2 2'></svg>`")["image/svg+xml"], "<svg viewBox='0 0 2 2'></svg>")

    def test_destructured(self):
        """the functions work when they are taken out of the namespace, by later cells too"""
        self.ok("const { display, html, md } = Deno.jupyter;")
        shown = self.ok("await display(html`<h1>Hello, world!</h1>`); await display(md`# Notes`);").contents("display_data")
        self.assertEqual([list(each["data"].values())[0] for each in shown], ["<h1>Hello, world!</h1>", "# Notes"])

    def test_image(self):
        """image takes a path or bytes, and refuses what is none"""
        self.assertEqual(base64.b64decode(self.data('Deno.jupyter.image("./chart.png");')["image/png"]), PNG)
        self.assertIn("image/svg+xml", self.data("Deno.jupyter.image('chart.svg')"))
        self.assertIn("no PNG, JPEG", self.fails("Deno.jupyter.image(new Uint8Array([1, 2]))").error["evalue"])

    def test_symbol(self):
        """a class's [Deno.jupyter.$display] is its view, typed"""
        code = "class Temperature {\n  constructor(public celsius: number) {}\n  [Deno.jupyter.$display]() {\n    return { 'text/plain': `${this.celsius} C`, 'text/html': `<strong>${this.celsius}</strong>` };\n  }\n}\nnew Temperature(21)"
        self.assertEqual(self.data(code), {"text/plain": "21 C", "text/html": "<strong>21</strong>"})
        self.assertEqual(self.data('{\n  [Symbol.for("Jupyter.display")]() {\n    return { "text/plain": "Hello world!", "text/html": "<h1>Hello world!</h1>" };\n  },\n}')["text/html"], "<h1>Hello world!</h1>")

    def test_raw(self):
        """display with raw shows a MIME bundle as it is, and format gives one"""
        shown = self.ok('await Deno.jupyter.display({ "text/plain": "Hello, world!", "text/html": "<h1>Hello, world!</h1>", "text/markdown": "# Hello, world!" }, { raw: true });').contents("display_data")
        self.assertEqual(sorted(shown[0]["data"]), ["text/html", "text/markdown", "text/plain"])
        self.assertEqual(self.value_of("await Deno.jupyter.format(Deno.jupyter.html`<b>f</b>`).then((it) => it['text/html'])"), "'<b>f</b>'")

    def test_broadcast(self):
        """broadcast sends display_data and its updates under an id, and messages of other types"""
        outcome = self.ok(
            'await Deno.jupyter.broadcast("display_data", { data: { "text/html": "<b>Processing...</b>" }, metadata: {}, transient: { display_id: "progress" } });\n'
            'await Deno.jupyter.broadcast("update_display_data", { data: { "text/html": "<b>Done</b>" }, metadata: {}, transient: { display_id: "progress" } });\n'
            "await Deno.jupyter.broadcast('clear_output', { wait: true });"
        )
        self.assertEqual(outcome.kinds, ["display_data", "update_display_data", "clear_output"])
        self.assertEqual(outcome.contents("update_display_data")[0]["transient"], {"display_id": "progress"})

    def test_widget(self):
        """broadcast opens comms with buffers, as Deno's notebooks of widgets do"""
        outcome = self.ok("await Deno.jupyter.broadcast('comm_open', { comm_id: 'c1', target_name: 'jupyter.widget', data: { state: {} } }, { metadata: { version: '2.1.0' }, buffers: [new Uint8Array([1, 2])] })")
        message = [each for each in outcome.messages if each["msg_type"] == "comm_open"][0]
        self.assertEqual((message["content"]["comm_id"], message["metadata"]["version"], bytes(message["buffers"][0])), ("c1", "2.1.0", b"\x01\x02"))

    def test_not_deno(self):
        """a package that asks whether this is Deno is told no"""
        package = self.folder / "node_modules" / "asks"
        package.mkdir(parents=True)
        (package / "index.js").write_text("module.exports = typeof Deno;")
        self.assertEqual(self.value_of("Deno.jupyter.html`a`;\nconst asked = require('asks'); asked"), "'undefined'")

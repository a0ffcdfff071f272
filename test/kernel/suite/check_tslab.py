"""The examples that tslab's README leads to, unchanged: their code cells as they are, in tslab-examples (Apache-2.0, Yu Watanabe).

tslab looks at types without `strict`: the tsconfig.json beside them says so. Its fourth example trains an MNIST network for
20 epochs with packages that are not here (jimp); it is left out.
"""

import json
from pathlib import Path

import harness
from harness import KernelCase

EXAMPLES = Path(__file__).parent / "tslab-examples"


class Examples(KernelCase):
    files = {"tsconfig.json": '{ "compilerOptions": { "strict": false } }'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "node_modules").symlink_to(harness.ROOT / "node_modules")
        (cls.folder / "images").mkdir()
        # The picture itself is of no interest here.
        (cls.folder / "images/nodejs-new-pantone-black.jpg").write_bytes(b"\xff\xd8\xff\xe0 a picture")

    def outcomes(self, name):
        cells = json.loads((EXAMPLES / name).read_text())["cells"]
        return [self.run_cell("".join(cell["source"]), timeout=60) for cell in cells if cell["cell_type"] == "code"]

    def test_getting_started(self):
        """tslab's "Getting started" runs as it is"""
        done = self.outcomes("getting_started.ipynb")
        self.assertEqual([o.status for o in done], ["ok"] * len(done), [o.error for o in done])
        self.assertIn("Hello, tslab!\nVersions: { tslab: '1.0.22'", done[0].stream())
        self.assertIn("naiveFib(40) = 165580141", done[2].stream())
        self.assertEqual(done[3].stream(), "Hello, tslab!\n")
        self.assertRegex(done[4].result, r"Slept \d+\[ms\]")
        self.assertEqual(done[5].result, "Promise { <pending> }")
        self.assertIn("<b>Type</b>Script", done[7].contents("display_data")[0]["data"]["text/html"])
        self.assertIn("image/jpeg", done[8].contents("display_data")[0]["data"])
        self.assertEqual(done[9].contents("display_data")[0]["data"]["text/plain"], "progress: 1%")
        self.assertEqual(done[9].contents("update_display_data")[-1]["data"]["text/plain"], "progress: 100%")
        self.assertEqual(done[10].stream(), "{ abc: 123, klm: 'hello' }\n{ x: 1, y: 2, z: 3 }\narray = [ 0, 4, 16, 36, 64 ]\n")
        self.assertRegex(done[11].result, r"Slept \d+\[ms\]")
        self.assertEqual(done[12].stream(), "obj?.x?.z == undefined\nx ?? y ?? z == 0\n")

    def test_errors(self):
        """tslab's "Errors": the same errors at the same places"""
        first, second = self.outcomes("errors.ipynb")
        self.assertIn(":1:5 - TS2322", first.error["evalue"])
        self.assertIn(":2:1 - TS2322", second.error["evalue"])

    def test_advanced(self):
        """the cell of tslab's "Advanced topics\""""
        outcome = self.ok('import * as tslab from "tslab";\ntslab.display.html("Hello <b>tslab!</b>");')
        self.assertEqual(outcome.contents("display_data")[0]["data"], {"text/html": "Hello <b>tslab!</b>"})

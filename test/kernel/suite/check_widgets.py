"""Controls over anywidget's protocol, as the front end's half of a comm sees them."""

import nbformat
from nbclient import NotebookClient

from harness import KERNEL, KernelCase


class Widgets(KernelCase):
    def opened(self, code):
        self.latest = self.ok(code)
        return [each["content"] for each in self.latest.messages if each["msg_type"] == "comm_open"]

    def set_value(self, comm, value):
        """What the front end sends when somebody moves a control; all that the kernel publishes for it."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm["comm_id"], "data": {"method": "update", "state": {"value": value}, "buffer_paths": []}})
        self.client.shell_channel.send(message)
        return self.collect(message["header"]["msg_id"])

    def test_kinds(self):
        """each control opens with its state, is shown, hears the front end and sets it"""
        for code, state, value in [
            ("slider({ min: 1, max: 5, value: 9, label: 'l' })", {"kind": "slider", "min": 1, "max": 5, "step": 1, "value": 5, "label": "l"}, 2),
            ("select({ options: ['a', 'b'] })", {"kind": "select", "options": ["a", "b"], "value": "a", "label": ""}, "b"),
            ("checkbox({ label: 'c' })", {"kind": "checkbox", "value": False, "label": "c"}, True),
            ("text({ value: 't' })", {"kind": "text", "value": "t", "label": ""}, "typed"),
            ("button()", {"kind": "button", "value": 0, "label": "Run"}, 1),
            ("play({ max: 3 })", {"kind": "play", "min": 0, "max": 3, "step": 1, "value": 0, "interval": 100, "label": ""}, 3),
            ("progress()", {"kind": "progress", "value": 0, "max": 1, "label": ""}, 0.5),
        ]:
            comm = self.opened(f"let heard: unknown;\nconst control = cell.widgets.{code};\ncontrol.onValue((value) => {{ heard = value; }});\ncontrol")[0]
            self.assertEqual(comm["target_name"], "jupyter.widget")
            self.assertEqual({key: each for key, each in comm["data"]["state"].items() if not key.startswith("_")}, state)
            self.assertIn("application/vnd.jupyter.widget-view+json", self.latest.contents("execute_result")[0]["data"])
            self.set_value(comm, value)
            self.assertEqual(self.value_of("control.value === heard && heard"), repr(value).lower() if isinstance(value, bool) else repr(value))
            sent = [each["content"]["data"] for each in self.ok("control.value = control.value;").messages if each["msg_type"] == "comm_msg"]
            self.assertEqual(sent[0]["state"], {"value": value})

    def test_bad(self):
        """bounds and options that make no sense are refused by name"""
        self.assertIn("min <= max", self.fails("cell.widgets.slider({ min: 3, max: 1 })").error["evalue"])
        self.assertIn("none of the options", self.fails("// @ts-nocheck\ncell.widgets.select({ options: ['a'], value: 'z' })").error["evalue"])
        self.assertIn("interact: x is", self.fails("// @ts-nocheck\nawait cell.widgets.interact(() => 1, { x: {} })").error["evalue"])

    def test_interact(self):
        """interact shows a control for each value, typed, and below the function's result, again at every change"""
        code = "const bound = await cell.widgets.interact(({ n, shout, word, pick }) => { if (n === 3) throw new RangeError('three'); const text: string = (word + pick).repeat(n); return shout ? text.toUpperCase() : text; }, { n: [1, 9], shout: false, word: 'ab', pick: ['x', 'y'] });"
        comms = self.opened(code)
        self.assertEqual([each["data"]["state"]["kind"] for each in comms], ["slider", "checkbox", "text", "select"])
        shown = self.latest.contents("display_data")
        self.assertEqual((len(shown), shown[-1]["data"]["text/plain"]), (5, "'abx'"))
        updates = lambda messages: [each["content"]["data"]["text/plain"] for each in messages if each["msg_type"] == "update_display_data"]
        self.assertEqual(updates(self.set_value(comms[0], 2)), ["'abxabx'"])
        self.assertEqual(updates(self.set_value(comms[1], True)), ["'ABXABX'"])
        self.assertEqual(updates(self.set_value(comms[0], 3)), ["RangeError: three"])
        self.assertEqual(self.value_of("bound.n.value"), "3")

    def test_saved(self):
        """the state of widgets is kept in the saved notebook"""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("const saved = cell.widgets.slider({ value: 4 });\nsaved"), nbformat.v4.new_code_cell("saved.value = 7;")])
        NotebookClient(notebook, kernel_name=KERNEL, timeout=60).execute(cwd=str(self.folder))
        view = notebook.cells[0].outputs[0]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
        states = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
        self.assertEqual((states[view]["model_module"], states[view]["state"]["value"]), ("anywidget", 7))

"""What Jupyter users take for granted: children that an interrupt reaches, the shell's Node, input, colours."""

import re
import time

from harness import KernelCase


class Interrupts(KernelCase):
    def interrupted(self, code, wait=1.0, timeout=15):
        running = self.client.execute(code)
        time.sleep(wait)
        began = time.monotonic()
        self.manager.interrupt_kernel()
        outcome = self.finish(running, timeout)
        self.assertEqual(outcome.error["ename"], "InterruptError", outcome.error)
        return outcome, time.monotonic() - began

    def test_sync_child(self):
        """a process that a cell stands still for ends at once, with what it has started, and the session lives"""
        self.ok("import { execSync, spawnSync, spawn, fork } from 'node:child_process'; const kept = 1;")
        for code in ("execSync('sleep 41'); console.log('went on')", "spawnSync('sh', ['-c', 'sleep 42; echo after']); console.log('went on')", "try { execSync('sleep 43') } catch { console.log('went on') }"):
            outcome, took = self.interrupted(code)
            self.assertLess(took, 6, code)
            self.assertNotIn("went on", outcome.stream())
        self.assertEqual(self.value_of("kept"), "1")
        self.assertEqual(self.value_of("execSync('ps -eo args').toString().split('\\n').filter((line) => /^sleep 4[123]/.test(line))"), "[]")

    def test_awaited_child(self):
        """a process that a cell waits for gets SIGINT; one of an earlier cell goes on"""
        self.ok("import { spawn } from 'node:child_process';\nconst earlier = spawn('sleep', ['60']);")
        self.interrupted(
            "const child = spawn('sh', ['-c', 'trap \"echo caught SIGINT; exit 3\" INT; echo ready; while :; do sleep 0.05; done']);\n"
            "child.stdout.on('data', (data) => process.stdout.write(data));\nconst closed = new Promise((resolve) => child.on('close', resolve));\nawait closed",
        )
        self.assertEqual(self.value_of("await closed"), "3")
        self.assertEqual(self.value_of("[earlier.exitCode, earlier.signalCode]"), "[ null, null ]")
        self.ok("earlier.kill()")

    def test_worker(self):
        """a worker thread that computes is ended, and the user is told"""
        self.ok("import { Worker } from 'node:worker_threads';")
        self.interrupted("const busy = new Worker('for (;;);', { eval: true });\nconst ended = new Promise((resolve) => busy.on('exit', resolve));\nawait ended")
        self.assertEqual(self.value_of("await ended"), "1")


class Shell(KernelCase):
    def test_node(self):
        """!node and what npm runs are the kernel's own Node, and nothing else on PATH moves"""
        self.assertEqual(self.ok("!node -p process.version").stream().strip(), self.value_of("process.version").strip("'"))
        self.assertEqual(self.value_of("import { execFileSync } from 'node:child_process'; execFileSync('node', ['-p', 'process.execPath']).toString().trim() === process.execPath"), "true")
        self.assertEqual(self.value_of("(process.env.PATH ?? '').split(':').slice(-2)"), self.value_of("execFileSync('sh', ['-c', 'echo $PATH']).toString().trim().split(':').slice(-2)"))

    def test_capture(self):
        """const files = !ls has the lines; a negation stays one"""
        self.ok("!touch a.txt b.txt")
        self.assertEqual(self.value_of("const files = !ls *.txt\nfiles"), "[ 'a.txt', 'b.txt' ]")
        self.assertEqual(self.value_of("const listed = !ls\nlisted.length >= 2"), "true")
        self.assertEqual(self.value_of("let joined: string[] = !echo one \\\n  two\njoined"), "[ 'one two' ]")
        self.assertEqual(self.value_of("const ready = false;\nconst wait = !ready\nwait"), "true")
        self.assertEqual(self.value_of("const date = 0, cat = 1;\nconst is = !date\nconst isnt = !cat;\n[is, isnt]"), "[ true, false ]")
        self.assertIn("exit code", self.fails("const nothing = !ls not-there-at-all").error["evalue"])


class Input(KernelCase):
    def answering(self, code, *answers):
        asked, left = [], list(answers)

        def reply(message):
            asked.append(message["content"]["prompt"])
            self.client.input(left.pop(0))

        return self.run_cell(code, stdin=reply), asked

    def test_question(self):
        """questions of readline, by promise and by callback, ask the front end"""
        outcome, asked = self.answering(
            "import * as readline from 'node:readline/promises';\nconst rl = readline.createInterface({ input: process.stdin, output: process.stdout });\n"
            "const name = await rl.question('name? ');\nconst age = await rl.question('age? ');\nrl.close();\n[name, age]",
            "Ada", "36",
        )
        self.assertEqual((outcome.result, asked), ("[ 'Ada', '36' ]", ["name? ", "age? "]))
        outcome, asked = self.answering(
            "import { createInterface } from 'node:readline';\nconst old = createInterface({ input: process.stdin, output: process.stdout });\n"
            "const answer = await new Promise<string>((resolve) => old.question('callback? ', resolve));\nold.close();\nanswer",
            "yes",
        )
        self.assertEqual((outcome.result, asked), ("'yes'", ["callback? "]))

    def test_lines(self):
        """lines of readline and of process.stdin, until the front end ends them"""
        outcome, asked = self.answering(
            "import { createInterface } from 'node:readline';\nconst seen: string[] = [];\nconst lines = createInterface({ input: process.stdin });\n"
            "for await (const line of lines) { seen.push(line); if (line === 'stop') break; }\nseen",
            "one", "stop",
        )
        self.assertEqual(outcome.result, "[ 'one', 'stop' ]")
        outcome, asked = self.answering("const chunks: string[] = [];\nfor await (const chunk of process.stdin) chunks.push(String(chunk));\nchunks", "first", "\x04")
        self.assertEqual(outcome.result, "[ 'first\\n' ]")
        outcome, asked = self.answering("await new Promise<string>((resolve) => process.stdin.once('data', (data) => { process.stdin.pause(); resolve(String(data)); }))", "once")
        self.assertEqual(outcome.result, "'once\\n'")

    def test_refused(self):
        """where the front end takes no input it says so at once"""
        for code in (
            "import * as readline from 'node:readline/promises';\nawait readline.createInterface({ input: process.stdin }).question('who? ')",
            "for await (const chunk of process.stdin) console.log(chunk)",
        ):
            self.assertIn("takes none", self.fails(code).error["evalue"])

    def test_interrupted(self):
        """an interrupt ends a question that nobody answers, and later ones are asked"""
        running = self.client.execute("import * as rp from 'node:readline/promises';\nawait rp.createInterface({ input: process.stdin }).question('never answered')", allow_stdin=True)
        self.client.get_stdin_msg(timeout=15)
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(running).error["ename"], "InterruptError")
        outcome, asked = self.answering("const again = rp.createInterface({ input: process.stdin });\nconst said = await again.question('again? '); again.close(); said", "here")
        self.assertEqual((outcome.result, asked), ("'here'", ["again? "]))


class Terminal(KernelCase):
    def test_colours(self):
        """libraries that ask for colours get them; what cells print of objects, and read from processes, stays plain"""
        self.assertEqual(self.value_of("import { styleText } from 'node:util'; JSON.stringify(styleText('red', 'r'))"), "'\"\\\\u001b[31mr\\\\u001b[39m\"'")
        self.assertEqual(self.ok("console.log({ a: 1, b: 'two' }, 3); console.error([4])").stream(), "{ a: 1, b: 'two' } 3\n")
        self.assertEqual(self.value_of("import { execFileSync } from 'node:child_process'; execFileSync('node', ['-p', '1 + 1']).toString()"), "'2\\n'")
        self.assertEqual(self.value_of("[process.env.FORCE_COLOR, 'FORCE_COLOR' in process.env, Object.keys(process.env).includes('FORCE_COLOR')]"), "[ '3', true, false ]")
        self.assertEqual(self.value_of("process.env.FORCE_COLOR = '0'; process.stdout.hasColors?.()"), "false")

    def test_progress(self):
        """progress bars find a width and a cursor that goes back"""
        text = self.ok("for (const stream of [process.stdout, process.stderr]) { stream.write('10 %'); stream.clearLine?.(0); stream.cursorTo?.(0); stream.write('20 %'); }")
        for name in ("stdout", "stderr"):
            self.assertEqual(re.sub(r"\x1b\[2K", "", text.stream(name)).split("\r")[-1], "20 %")
        self.assertEqual(self.value_of("[process.stdout.columns, process.stderr.columns, process.stderr.isTTY]"), "[ 80, 80, true ]")


class NoColours(KernelCase):
    env = {"NO_COLOR": "1"}

    def test_user(self):
        """who wants no colours has none"""
        self.assertEqual(self.value_of("import { styleText } from 'node:util'; [styleText('red', 'r'), process.env.FORCE_COLOR]"), "[ 'r', undefined ]")

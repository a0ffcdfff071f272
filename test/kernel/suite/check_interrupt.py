import random
import time
import unittest

from harness import ROOT, KernelCase
from training import ADDON, SETTING


class Interrupts(KernelCase):
    def setUp(self):
        self.ok("0")

    def interrupted(self, code, after=0.4, by=None):
        """Runs a cell that would go on without end, interrupts it, and returns its outcome."""
        running = self.client.execute(code)
        time.sleep(after)
        (by or self.manager.interrupt_kernel)()
        return self.finish(running, timeout=15)

    def assert_interrupted(self, outcome):
        self.assertEqual(outcome.status, "error")
        self.assertEqual(outcome.error["ename"], "InterruptError")

    def test_loop(self):
        """a synchronous loop is ended, its state kept"""
        self.assert_interrupted(self.interrupted("let n = 0\nwhile (true) n++"))
        self.assertEqual(self.value_of("n > 1000"), "true")

    def test_loop_after_await(self):
        """a synchronous loop entered after an await"""
        self.assert_interrupted(self.interrupted("await new Promise((r) => setTimeout(r, 50))\nfor (;;);"))

    def test_loop_in_timer(self):
        """a loop inside a timer's callback, while the cell waits"""
        self.assert_interrupted(self.interrupted("setTimeout(() => { for (;;); }, 50)\nawait new Promise(() => {})"))

    def test_pending(self):
        """a pending await, with finally"""
        outcome = self.interrupted("try { await new Promise(() => {}) } finally { console.log('cleaned') }")
        self.assert_interrupted(outcome)
        self.assertEqual(outcome.stream(), "cleaned\n")

    def test_signal(self):
        """SIGINT does as the message does"""
        import signal

        self.assert_interrupted(self.interrupted("await new Promise(() => {})", by=lambda: self.manager.signal_kernel(signal.SIGINT)))
        self.assert_interrupted(self.interrupted("for (;;);", by=lambda: self.manager.signal_kernel(signal.SIGINT)))

    def test_background(self):
        """async loops with timers and loops in the background truly stop, their finally runs"""
        code = (
            "let ticks = 0, ended = 0\n"
            "const nap = (ms: number): Promise<void> => new Promise((r) => setTimeout(r, ms))\n"
            "async function loop(): Promise<void> { try { for (;;) { await nap(5); ticks++ } } finally { ended++ } }\n"
            "void loop(); void loop()\n"
            "await loop()"
        )
        self.assert_interrupted(self.interrupted(code))
        self.assertEqual(self.value_of("const was = ticks; await nap(100); [ticks === was, was > 5, ended].join()"), "'true,true,3'")

    def test_generator(self):
        """for await is ended and its generator told to return"""
        code = (
            "async function* train(): AsyncGenerator<number> { try { for (let i = 0; ; i++) { await new Promise((r) => setTimeout(r, 5)); yield i } } finally { console.log('closed') } }\n"
            "for await (const step of train()) ;"
        )
        outcome = self.interrupted(code)
        self.assert_interrupted(outcome)
        self.assertEqual(outcome.stream(), "closed\n")

    def test_cell_signal(self):
        """cell.signal is aborted, so that libraries stop"""
        outcome = self.interrupted("import { setTimeout as sleep } from 'node:timers/promises'\nawait sleep(60_000, undefined, { signal: cell.signal }).finally(() => console.log('library stopped'))")
        self.assert_interrupted(outcome)
        self.assertEqual(outcome.stream(), "library stopped\n")

    def test_training(self):
        """an async loop that computes 20 ms at a time stops between two of its steps and goes on from where it was"""
        self.ok(
            "let step = 0\n"
            "async function trainSome(): Promise<void> { for (;;) { const until = Date.now() + 20; while (Date.now() < until); step++; await new Promise((r) => setImmediate(r)) } }"
        )
        self.assert_interrupted(self.interrupted("await trainSome()"))
        before = int(self.value_of("step"))
        self.assertEqual(int(self.value_of("step")), before)
        self.assert_interrupted(self.interrupted("await trainSome()"))
        self.assertGreater(int(self.value_of("step")), before)

    def test_during_check(self):
        """an interrupt sent while the types are checked, or just as the cell begins, is not lost"""
        random.seed(2)
        for n in range(50):
            running = self.client.execute(f"const looped{n}: {{ at: number }}[] = [{{ at: {n} }}]\n" + ("for (;;);" if n % 2 else "await new Promise(() => {})"))
            while not (message := self.client.get_iopub_msg(timeout=10))["msg_type"] == "execute_input" or message["parent_header"]["msg_id"] != running:
                pass
            time.sleep(random.uniform(0, 0.02))
            self.manager.interrupt_kernel()
            self.assertEqual(self.finish(running, timeout=15).status, "error", n)
        self.assertEqual(self.value_of("1 + 1"), "2")

    def test_idle(self):
        """interrupts of an idle kernel do no harm, and leave background work alone"""
        self.ok("let beats = 0; const timer = setInterval(() => beats++, 10)")
        for _ in range(5):
            self.manager.interrupt_kernel()
        time.sleep(0.3)
        self.assertEqual(self.value_of("const then = beats; await new Promise((r) => setTimeout(r, 100)); clearInterval(timer); beats > then"), "true")

    def test_next_cell(self):
        """an interrupt does not reach the next cell"""
        self.assert_interrupted(self.interrupted("for (;;);"))
        self.assertEqual(self.value_of("await new Promise((r) => setTimeout(r, 300, 'whole'))"), "'whole'")

    def test_regular_expression(self):
        """a regular expression that backtracks for ever"""
        outcome = self.interrupted("/^(a+)+$/.test('a'.repeat(60) + 'b')")
        self.assert_interrupted(outcome)
        self.assertEqual(self.value_of("1"), "1")

    def test_sort(self):
        """a sort whose comparator is the user's"""
        self.assert_interrupted(self.interrupted("for (;;) Array.from({ length: 1e5 }, Math.random).sort((a, b) => a - b)"))

    def test_hundred(self):
        """100 interrupts at random moments while AsyncLocalStorage is in use: every one answered, state kept"""
        self.ok(
            "import { AsyncLocalStorage } from 'node:async_hooks'\n"
            "const storage = new AsyncLocalStorage<number>()\n"
            "let rounds = 0\n"
            "const spin = (ms: number) => { const until = Date.now() + ms; while (Date.now() < until); }\n"
            "const pause = (ms: number) => new Promise((r) => setTimeout(r, ms))"
        )
        cells = [
            "await storage.run(1, async () => { for (;;) { await pause(1); rounds++ } })",
            "await storage.run(2, async () => { for (;;) { spin(3); await pause(0); rounds++ } })",
            "storage.run(3, () => { for (;;) rounds++ })",
            "await storage.run(4, async () => { await pause(2); for (;;) rounds++ })",
        ]
        random.seed(1)
        for n in range(100):
            running = self.client.execute(cells[n % len(cells)])
            messages = []
            while not any(m["msg_type"] == "execute_input" for m in messages):
                message = self.client.get_iopub_msg(timeout=10)
                if message["parent_header"].get("msg_id") == running:
                    messages.append(message)
            time.sleep(random.uniform(0, 0.06))
            self.manager.interrupt_kernel()
            outcome = self.finish(running, timeout=10)
            self.assertIn(outcome.status, ("error",), n)
        self.assertEqual(self.value_of("rounds > 0 && typeof storage"), "'object'")


class OwnInspector(KernelCase):
    def test_pauses(self):
        """a program that pauses its own thread by an inspector session of its own goes on as it says"""
        self.ok(
            "import { Session } from 'node:inspector'\n"
            "const own = new Session(); own.connect(); let pauses = 0\n"
            "own.on('Debugger.paused', () => { pauses++; own.post('Debugger.resume') })\n"
            "const stops = (n: number): number => { debugger; return n + 1 }"
        )
        for _ in range(3):
            self.ok("own.post('Debugger.enable'); let sum = 0; for (let n = 0; n < 10; n++) sum = stops(sum); own.post('Debugger.disable')")
        self.assertEqual(self.value_of("[sum, pauses]"), "[ 10, 30 ]")


@unittest.skipUnless(ADDON.exists(), "set up without training")
class Training(KernelCase):
    def test_training(self):
        """this repository's training, called from a cell, is stopped by cell.signal within a few of its calls and goes on from where it was"""
        self.ok(
            f"{SETTING}\n"
            "let state: import('" + str(ROOT) + "/lib/training/index.ts').TrainingState | undefined\n"
            "const trainSome = async (signal: AbortSignal): Promise<void> => {\n"
            "  for await (const event of train(config, { signal, checkpointEvery: 0, ...(state && { from: state }) })) { if (event.kind === 'progress') console.log('moving'); if (event.kind === 'checkpoint') state = event.state }\n"
            "}",
            timeout=60,
        )
        steps = []
        for _ in range(3):
            running = self.client.execute("await trainSome(cell.signal)")
            # Compiling takes a second on a quiet machine, and many with other work beside.
            while (message := self.client.get_iopub_msg(timeout=120))["msg_type"] != "stream" or message["parent_header"]["msg_id"] != running:
                pass
            time.sleep(0.5)
            self.manager.interrupt_kernel()
            sent = time.time()
            outcome = self.finish(running, timeout=60)
            self.assertEqual(outcome.error["ename"], "InterruptError")
            # Counted in calls of about 100 ms, not in seconds, which another program may take.
            late = [m for m in outcome.messages if m["msg_type"] == "stream" and m["header"]["date"].timestamp() > sent]
            self.assertLess("".join(m["content"]["text"] for m in late).count("moving"), 10)
            steps.append(int(self.value_of("state?.step ?? 0")))
        self.assertTrue(0 < steps[0] < steps[1] < steps[2], steps)

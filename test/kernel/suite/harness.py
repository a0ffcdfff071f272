"""A kernel under test and what a front end sees of it."""

import os
import queue
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from jupyter_client.manager import KernelManager

os.environ.setdefault("TYPESCRIPT_KERNEL_HISTORY", os.path.join(tempfile.mkdtemp(prefix="kernel-history-"), "history.sqlite"))
os.environ.setdefault("TYPESCRIPT_KERNEL_DEBUG", "1")
KERNEL = os.environ.get("KERNEL_UNDER_TEST", "typescript")
ROOT = Path(__file__).resolve().parents[3]


class Outcome:
    """The reply to a request, and all that was published for it until idle."""

    def __init__(self, reply, messages):
        self.reply = reply["content"]
        self.raw_reply = reply
        self.messages = messages

    def contents(self, kind):
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    @property
    def status(self):
        return self.reply["status"]

    @property
    def kinds(self):
        return [m["msg_type"] for m in self.messages if m["msg_type"] not in ("status", "execute_input")]

    def stream(self, name="stdout"):
        return "".join(c["text"] for c in self.contents("stream") if c["name"] == name)

    @property
    def result(self):
        results = self.contents("execute_result")
        return results[-1]["data"]["text/plain"] if results else None

    @property
    def error(self):
        errors = self.contents("error")
        return errors[-1] if errors else None


class KernelCase(unittest.TestCase):
    """One kernel for all checks of a class, started in a folder of its own."""

    files: dict = {}
    env: dict = {}

    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory(prefix="kernel-test-")
        cls.folder = Path(cls.holder.name) / "notebooks"
        cls.folder.mkdir()
        for name, text in cls.files.items():
            path = cls.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        cls.manager = KernelManager(kernel_name=KERNEL)
        cls.manager.start_kernel(cwd=str(cls.folder), env={**os.environ, **cls.env})
        cls.client = cls.manager.client()
        cls.client.start_channels()
        cls.client.wait_for_ready(timeout=30)

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=True)
        cls.holder.cleanup()

    def collect(self, msg_id, timeout=20, stdin=None):
        messages = []
        deadline = time.monotonic() + timeout
        while True:
            if stdin is not None:
                try:
                    stdin(self.client.get_stdin_msg(timeout=0.02))
                except queue.Empty:
                    pass
            try:
                message = self.client.get_iopub_msg(timeout=0.05 if stdin else max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                if time.monotonic() > deadline:
                    seen = [(m["msg_type"], m["content"]) for m in messages]
                    raise AssertionError(f"no idle within {timeout} s; seen: {seen}") from None
                continue
            if message["parent_header"].get("msg_id") != msg_id:
                self.others.append(message)
                continue
            messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return messages

    others: list = []

    def finish(self, msg_id, timeout=20, stdin=None):
        messages = self.collect(msg_id, timeout, stdin)
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"]["msg_id"] == msg_id:
                return Outcome(reply, messages)

    def run_cell(self, code, timeout=20, stdin=None, **options):
        options.setdefault("allow_stdin", stdin is not None)
        return self.finish(self.client.execute(code, **options), timeout, stdin)

    def shell_reply(self, msg_id, timeout=15):
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply["content"]

    def value_of(self, code, **options):
        """The plain text of a cell's result; the cell must succeed."""
        outcome = self.run_cell(code, **options)
        self.assertEqual(outcome.status, "ok", outcome.reply)
        return outcome.result

    def ok(self, code, **options):
        outcome = self.run_cell(code, **options)
        self.assertEqual(outcome.status, "ok", outcome.reply)
        return outcome

    def fails(self, code, **options):
        outcome = self.run_cell(code, **options)
        self.assertEqual(outcome.status, "error", outcome.reply)
        return outcome


def spawned(manager):
    """Pids of the kernel and of all that it started."""
    pid = manager.provisioner.process.pid
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout.split("\n")[1:]
    children = {}
    for line in listed:
        if line.strip():
            child, parent = map(int, line.split())
            children.setdefault(parent, []).append(child)
    found, todo = [], [pid]
    while todo:
        each = todo.pop()
        found.append(each)
        todo += children.get(each, [])
    return found

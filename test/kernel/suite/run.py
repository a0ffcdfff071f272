"""python run.py MODULE: runs the checks of one module and prints a line of JSON for each."""

import importlib
import json
import sys
import time
import traceback
import unittest


class Reporter(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def line(self, test, status, detail=""):
        name = (test.shortDescription() if hasattr(test, "shortDescription") else None) or str(test)
        seconds = time.monotonic() - getattr(self, "began", time.monotonic())
        print(json.dumps({"name": name, "status": status, "detail": detail, "seconds": seconds}), flush=True)

    def addSuccess(self, test):
        self.line(test, "ok")

    def addError(self, test, err):
        self.line(test, "failed", "".join(traceback.format_exception(*err)))

    def addFailure(self, test, err):
        self.line(test, "failed", "".join(traceback.format_exception(*err)))

    def addSkip(self, test, reason):
        self.line(test, "skipped", reason)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.line(subtest, "failed", "".join(traceback.format_exception(*err)))


if __name__ == "__main__":
    module = importlib.import_module(sys.argv[1])
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromModule(module)
    if len(sys.argv) > 2:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in sys.argv[2:]]
        suite = loader.loadTestsFromModule(module)
    suite.run(Reporter())

"""Cells made by a grammar, compared with the same lines run by Node as one module: what is printed, results, errors."""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "suite"))
from harness import KernelCase  # noqa: E402

PRELUDE = """globalThis.$out = ((log, inspect) => (...values) => log(values.map((value) => inspect(value)).join(' ')))(console.log.bind(console), process.getBuiltinModule('node:util').inspect);
globalThis.$later = ((timeout, P) => (value) => new P((resolve) => timeout(resolve, 0, value)))(setTimeout, Promise);
globalThis.$fails = ((timeout, P, E) => (text) => new P((_, reject) => timeout(() => reject(new E(text)), 0)))(setTimeout, Promise, RangeError);"""
PLAIN = ["a", "b", "count", "rows", "total", "of", "async", "get", "let_", "type", "x\u0301", "\u00e9t\u00e9", "$", "_$", "name", "status", "kernel", "cell_", "then", "toString"]
# No name of a module, or used by the lines themselves.
TAKEN = {"undefined", "eval", "RangeError", "TypeError"}
EARLY = ["let dup = 1; let dup = 2", "delete plainName", "function f(a, a) {}", "for (const i = 0 of [1]);", "break", "class { }", "let let = 1", "'\\08'", "const noInit", "new.target", "({ a = 1 })", "1 = 2", "label: label: 1", "await = 1", "/(/", "if (1) class C {}", "return", "yield 1 2", "`${", "import { a as b c } from 'x'"]


class Grammar:
    """Text in which every name of a cell stands between marks, since the module calls each declaration by its own name."""

    def __init__(self, rng, names):
        self.rng = rng
        self.names = names
        self.known = {}
        self.versions = 0

    def pick(self, kind):
        found = [name for name, (_, of, _) in self.known.items() if of == kind]
        return self.rng.choice(found) if found else None

    def use(self, kind):
        name = self.pick(kind)
        return name and f"\x01{name}\x02{self.known[name][0]}\x03"

    def number(self, depth=0):
        r = self.rng.random()
        used = self.use("number")
        if used and r < 0.4:
            return used
        if depth > 3 or r < 0.55:
            return str(self.rng.choice([0, 1, 2, 7, -3, 0.5]))
        if r < 0.7:
            return f"({self.number(depth + 1)} {self.rng.choice(['+', '-', '*', '%', '&'])} {self.number(depth + 1)})"
        if r < 0.8 and (rows := self.use("array")):
            return f"{rows}.length"
        if r < 0.9 and (function := self.use("function")):
            return f"{function}({self.number(depth + 1)})"
        return self.rng.choice([f"(await $later({self.number(depth + 1)}))", f"(await {self.number(depth + 1)})", f"[{self.number(depth + 1)}].at(0)", f"({self.number(depth + 1)} ?? 1)"])

    def array(self):
        used = self.use("array")
        return used if used and self.rng.random() < 0.5 else "[" + ", ".join(self.number() for _ in range(self.rng.randrange(4))) + "]"

    def value(self, kind):
        return self.array() if kind == "array" else self.number()

    def declare(self, name, kind, how):
        self.versions += 1
        self.known[name] = (self.versions, kind, how)
        return f"\x01{name}\x02{self.versions}\x03"

    def declaration(self, free):
        """@param free names that the cell may still declare: none of its lines means what they were before"""
        name = free.pop()
        kind = self.rng.choice(["number", "number", "array", "function"])
        if kind == "function":
            form = self.rng.choice(["function NAME(p) { return p + 1 }", "const NAME = (p) => p * 2", "let NAME = function inner(p) { return p > 0 && p < 9 ? inner(p - 1) + 1 : 0 }", "var NAME = p => { let q = p; { let q = 5; void q } return q }", "class HOLDER { static go(p) { return p } }; const NAME = HOLDER.go"])
            if "HOLDER" in form:
                form = form.replace("HOLDER", self.declare(free.pop(), "class", "class"))
            how = "const" if "const" in form else "let"
            return form.replace("NAME", self.declare(name, "function", how))
        value = self.value(kind)
        how = self.rng.choice(["let", "const", "var"])
        form = self.rng.choice(["{how} {name} = {value}", "{how} {name} = {value}", "{how} [{name}] = [{value}]", "{how} {{ k: {name} = 1 }} = {{ k: {value} }}", "{how} {{ k: [, {name}] }} = {{ k: [0, {value}] }}"])
        return form.format(how=how, name=self.declare(name, kind, how), value=value)

    def statement(self, free):
        r = self.rng.random()
        if r < 0.4 and len(free) > 1:
            return self.declaration(free)
        assignable = [name for name, (_, kind, how) in self.known.items() if kind == "number" and how in ("let", "var")]
        if r < 0.55 and assignable:
            name = self.rng.choice(assignable)
            target = f"\x01{name}\x02{self.known[name][0]}\x03"
            return self.rng.choice([f"{target} = {self.number()}", f"{target} += {self.number()}", f"{target}++", f"[{target}] = [{self.number()}]", f"for ({target} of {self.array()});", f"(() => {{ {target} = 4 }})()"])
        if r < 0.7:
            return f"$out({self.number()}, {self.array()})"
        return self.rng.choice([
            f"for (const each of {self.array()}) {{ if (each > 3) break; $out(each) }}",
            f"for (let i = 0; i < 2; i++) {{ await $later(i); $out(i + {self.number()}) }}",
            f"for await (const each of {self.array()}) $out(each)",
            f"if ({self.number()} > 1) {{ $out('more') }} else $out('less')",
            f"try {{ await $fails('inside') }} catch ({{ message }}) {{ $out(message) }} finally {{ $out('done') }}",
            f"outer: for (;;) {{ for (;;) break outer }}",
            f"switch ({self.number()}) {{ case 1: $out('one'); break; default: {{ let inner = 2; $out(inner) }} }}",
            f"{{ let shadow = {self.number()}; $out(shadow) }}",
            f"$out(typeof neverDeclared, typeof {self.number()})",
            f"$out(await (async () => {{ await null; return {self.number()} }})())",
            f"$out([...(function* () {{ yield 1; yield {self.number().replace('await ', '')} }})()])",
            f"$out(`${{{self.number()}}}`, ({{ a: {{ b: {self.number()} }} }})?.a?.['b'])",
        ])

    def cell(self):
        """Cell, the same for the module, and what is expected of the reply: 'ok', 'error' or 'early'."""
        if self.rng.random() < 0.06:
            return self.rng.choice(EARLY), "", "early"
        free = self.rng.sample(self.names, 5)
        for name in free:
            self.known.pop(name, None)
        lines = [self.statement(free) for _ in range(self.rng.randrange(1, 5))]
        module, last = list(lines), self.rng.random()
        if last < 0.25:
            lines.append(self.number())
            module.append(f"$out('R', {lines[-1]})")
        elif last < 0.4:
            lines.append(self.rng.choice(["throw new RangeError('thrown')", "neverDeclared", "await $fails('awaited')", "null.x", "await (async () => { await null; throw new TypeError('deep') })()", "(() => { neverDeclared })()"]))
            module.append("try { " + lines[-1] + " } catch (error) { $out('E', error.name, error.message) }")
        plain = ";\n".join(lines)
        return re.sub("\x01(.*?)\x02.*?\x03", r"\1", plain), re.sub("\x01(.*?)\x02(.*?)\x03", r"v\2_", ";\n".join(module)) + ";", "error" if 0.25 <= last < 0.4 else "ok"


def compare(case, grammar, cells, node):
    """Runs one session of cells; returns what differs."""
    made = [grammar.cell() for _ in range(cells)]
    module = PRELUDE + "\n" + "\n".join(f"$out('--', {at});\n{text}" for at, (_, text, _) in enumerate(made))
    run = subprocess.run([node, "--input-type=module", "-"], input=module, capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        return [("the module itself failed", run.stderr[-600:], "")]
    wanted = re.split(r"^'--' \d+\n", run.stdout, flags=re.M)[1:]
    case.ok("// @ts-nocheck\n" + PRELUDE)
    found = []
    for at, (cell, _, kind) in enumerate(made):
        try:
            outcome = case.run_cell("// @ts-nocheck\n" + cell, timeout=60)
        except AssertionError as error:
            found.append((cell, "no answer", str(error)))
            case.manager.restart_kernel()
            case.client.wait_for_ready(timeout=60)
            return found
        said = outcome.stream()
        if outcome.result is not None and "'R'" in wanted[at]:
            said += f"'R' {outcome.result}\n"
        if kind == "early":
            if outcome.status != "error" or outcome.error["ename"] != "SyntaxError":
                found.append((cell, "a SyntaxError", f"{outcome.status} {outcome.error}"))
            continue
        if outcome.error is not None:
            said += f"'E' '{outcome.error['ename']}' '{outcome.error['evalue']}'\n" if kind == "error" else str(outcome.error)
            if kind == "error" and "Cell [" not in "".join(outcome.error["traceback"]):
                found.append((cell, "the cell's line", "\n".join(outcome.error["traceback"])))
        if said.replace('"', "'") != wanted[at].replace('"', "'"):
            found.append((cell, wanted[at], said))
            return found
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cells", type=int, default=5000)
    options.add_argument("--seed", type=int, default=int(time.time()))
    chosen = options.parse_args()
    from jupyter_client.kernelspec import get_kernel_spec

    node = get_kernel_spec(os.environ.get("KERNEL_UNDER_TEST", "typescript")).argv[0]
    listed = subprocess.run([node, "-p", "JSON.stringify(Object.getOwnPropertyNames(globalThis))"], capture_output=True, text=True, check=True).stdout
    names = PLAIN + [name for name in re.findall(r'"([A-Za-z_$]\w*)"', listed) if name not in TAKEN]
    KernelCase.setUpClass()
    case, done, failures = KernelCase(), 0, 0
    try:
        while done < chosen.cells:
            seed = chosen.seed + done
            rng = random.Random(seed)
            # Few names a session, so that they are declared anew again and again.
            for cell, wanted, got in compare(case, Grammar(rng, rng.sample(names, 12)), 50, node):
                failures += 1
                print(f"seed {seed}:\n{cell}\n  expected: {wanted!r}\n  got:      {got!r}\n", flush=True)
            done += 50
            case.manager.restart_kernel()
            case.client.wait_for_ready(timeout=60)
            if done % 500 == 0:
                print(f"{done} cells, {failures} differ", flush=True)
    finally:
        KernelCase.tearDownClass()
    print(f"{done} cells from seed {chosen.seed}: {failures} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

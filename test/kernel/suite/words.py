"""How kernels say the same things, for the checks that compare them; None where a language has no such thing."""

PYTHON = {
    "print": "print({})",
    "error": "import sys; print('wrong', file=sys.stderr)",
    "throw": "raise ValueError('own')",
    "silent": "print('x'); 7",
    "sleep": "import time; time.sleep({})",
    "declare": "shared = 40",
    "function_then_value": ("def it(): return 1", "it = 2", "it"),
    "await": "import asyncio; await asyncio.sleep(0.01); 5",
    "late": "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.3), print('late'))).start()",
    "child": "import subprocess; subprocess.run(['echo', 'from a child']) and None",
    "prints": "for i in range(10000): print(i)",
    "big": "print('ab' * 10_000_000, end='')",
    "busy": "import time\nuntil = time.time() + {}\nwhile time.time() < until: pass",
    "loop": "n = 0\nwhile True: n += 1",
    "pending": "import asyncio; await asyncio.sleep(1000)",
    "ask": "input('name?')",
    "html": "from IPython.display import display, HTML; display(HTML('<b>x</b>'))",
    "update": "from IPython.display import display\nh = display('one', display_id='d1')\nh.update('two')",
    "clear": "from IPython.display import clear_output; clear_output(wait=True)",
    "wrong_type": None,
    "module": ("part.py", "value = 1", "value = 22", "import part; part.value"),
    "member": ("str.upp", "upper"),
    "astral": ("s = 'é😀𝒳'; str.upp", "upper", 17),
    "inspect": ("len", "Return the number of items"),
    "complete": ("1 + 1", "def f():", "f(1))"),
    "exit": "import os; os._exit(1)",
    "stray": "import asyncio\nasync def bad(): raise ValueError('nobody caught it')\ntask = asyncio.ensure_future(bad())",
    "frame": None,
}
SCRIPT = {
    "print": "console.log({})",
    "error": "console.error('wrong')",
    "throw": "throw new RangeError('own')",
    "silent": "console.log('x'); 7",
    "sleep": "await new Promise((r) => setTimeout(r, 1000 * {}))",
    "declare": "const shared = 40",
    "function_then_value": ("function it() { return 1 }", "let it = 2", "it"),
    "await": "await new Promise((r) => setTimeout(r, 10)); 5",
    "late": "setTimeout(() => console.log('late'), 300); 0",
    "child": "import { spawnSync } from 'node:child_process'; spawnSync('echo', ['from a child'], { stdio: 'inherit' }); 0",
    "prints": "for (let i = 0; i < 10000; i++) console.log(i)",
    "big": "import * as proc from 'node:process'; proc.stdout.write('ab'.repeat(10000000)); 0",
    "busy": "{{ const until = Date.now() + 1000 * {}; while (Date.now() < until); }}",
    "loop": "let n = 0\nwhile (true) n++",
    "pending": "await new Promise(() => {})",
    "ask": "prompt('name?')",
    "wrong_type": "console.log('ran'); const n: number = 'text'",
    "module": ("part.ts", "export const value: number = 1;\n", "export const value: number = 22;\n", "import { value } from './part.ts'; value"),
    "member": ("Math.sq", "sqrt"),
    "astral": ("const s = 'é😀𝒳'; Math.sq", "sqrt", 24),
    "inspect": ("parseInt", "parseInt(string: string, radix?: number): number"),
    "complete": ("1 + 1", "function f() {", "f(1))"),
    "exit": "import { exit } from 'node:process'; exit(1)",
    "stray": "setTimeout(() => { throw new RangeError('nobody caught it') }, 50); 0",
}
OURS = SCRIPT | {
    "html": "cell.displayData({ 'text/html': '<b>x</b>' })",
    "update": "cell.displayData({ 'text/plain': 'one' }, { displayId: 'd1' }); cell.displayData({ 'text/plain': 'two' }, { displayId: 'd1', update: true })",
    "clear": "cell.clearOutput(true)",
}
TSLAB = SCRIPT | {
    "ask": None,
    "html": "import { display } from 'tslab'; display.html('<b>x</b>')",
    "update": "import { newDisplay } from 'tslab'; const d = newDisplay(); d.text('one'); d.text('two')",
    "clear": None,
    "module": ("part.ts", "export const value: number = 1;\n", "export const value: number = 22;\n", "import { value } from './part'; value"),
}
DENO = SCRIPT | {
    "html": "await Deno.jupyter.display({ 'text/html': '<b>x</b>' }, { raw: true })",
    "update": "await Deno.jupyter.broadcast('display_data', { data: { 'text/plain': 'one' }, metadata: {}, transient: { display_id: 'd1' } }); await Deno.jupyter.broadcast('update_display_data', { data: { 'text/plain': 'two' }, metadata: {}, transient: { display_id: 'd1' } })",
    "clear": "await Deno.jupyter.broadcast('clear_output', { wait: true })",
    "exit": "Deno.exit(1)",
    "big": "await Deno.stdout.write(new TextEncoder().encode('ab'.repeat(10000000))); 0",
}


def words_of(kernel):
    return {"python3": PYTHON, "deno": DENO, "tslab": TSLAB}.get(kernel, OURS)

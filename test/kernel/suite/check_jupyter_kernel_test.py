"""Jupyter's own kernel test suite, in full."""

import harness
import jupyter_kernel_test as jkt


class TypeScriptTests(jkt.KernelTests):
    kernel_name = harness.KERNEL
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('test stderr')"
    completion_samples = [
        {"text": "Math.sq", "matches": {"sqrt"}},
        {"text": "const someName = 1; someNa", "matches": {"someName"}},
    ]
    complete_code_samples = ["1", "console.log('hello')", "function f(x: number) {\n  return x * 2;\n}\n", "if (true) { 1 }"]
    incomplete_code_samples = ["console.log(", "function f(x: number) {", "f(1,", "`template", "if (true) {", "const a ="]
    invalid_code_samples = ["const = 7", "}", "let 1a", "f(1))"]
    code_page_something = "parseInt?"
    code_generate_error = "throw new Error('generated')"
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": "'a' + 'b'", "result": "'ab'"}]
    code_display_data = [
        {"code": "cell.displayData({ 'text/html': '<b>x</b>' })", "mime": "text/html"},
        {"code": "cell.displayData({ 'image/png': new Uint8Array([137, 80]) })", "mime": "image/png"},
    ]
    code_history_pattern = "6*7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "parseInt"
    code_clear_output = "cell.clearOutput()"

    def shortDescription(self):
        return f"jupyter_kernel_test: {self._testMethodName}"


del jkt.KernelTests  # The loader would run the bare base class as well.

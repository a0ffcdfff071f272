"""python soak.py [cells]: hours of a notebook in minutes. 2,000 cells, 100 interrupts, 20 restarts; nothing lost, memory flat."""

import random
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "suite"), str(Path(__file__).parents[1] / "bench")]
from harness import KernelCase  # noqa: E402
from kernel import resident  # noqa: E402


class Soak(KernelCase):
    def runTest(self):
        cells = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
        random.seed(1)
        memory, began = [], time.monotonic()
        for n in range(cells):
            if n % 20 == 19:
                running = self.client.execute(random.choice(["for (;;);", "await new Promise(() => {})", "for (;;) await new Promise((r) => setTimeout(r, 1))"]))
                time.sleep(random.uniform(0.05, 0.3))
                self.manager.interrupt_kernel()
                self.assertEqual(self.finish(running).status, "error")
            outcome = self.ok(f"const value{n % 50}: number = {n}\nconsole.log('line', {n})\nvalue{n % 50} * 2")
            self.assertEqual((outcome.stream(), outcome.result), (f"line {n}\n", str(2 * n)))
            if n % 100 == 99:
                memory.append(round(resident(self.manager.provisioner.process.pid)))
                print(f"{n + 1} cells, {time.monotonic() - began:.0f} s, {memory[-1]} MB", flush=True)
                if n % (cells // 20) == cells // 20 - 1:
                    self.manager.restart_kernel()
                    self.client.wait_for_ready(timeout=60)
        print("memory before each restart, MB:", memory)


if __name__ == "__main__":
    Soak.setUpClass()
    try:
        Soak().runTest()
    finally:
        Soak.tearDownClass()

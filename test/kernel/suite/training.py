"""This repository's training in a cell, for the checks and the bench: a run that goes on for hours if nothing stops it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ADDON = ROOT / "node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node"
# Gives a cell `train` and `config`.
SETTING = f"""import {{ train }} from '{ROOT}/lib/training/index.ts'
import type {{ RunConfig }} from '{ROOT}/lib/runs/index.ts'
const config: RunConfig = {{ model: {{ kind: 'fc', sizes: [784, 16, 16, 10], bias: true }}, sigmaW: Math.SQRT2, sigmaB: 0,
  data: {{ name: 'synthetic', trainSamples: 64, testSamples: 32, subset: 'first', normalization: 'per-set' }},
  batchSize: 64, loss: 'cross-entropy/k', l2Convention: 'half', eta: 0.1, lambda: 0.001, momentum: 0,
  schedule: {{ kind: 'constant' }}, steps: 2000000, seed: 0, measure: {{ every: 1000000 }} }}"""

/** 32-bit finaliser of MurmurHash3. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The weights that environment/fixtures/common.py's `array` gives: uniform, mean 0, the given deviation, float32; number i of stream
 * s is mix(s * 2^24 + i + 1).
 */
export function fixtureArray(stream: number, size: number, deviation: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: size }, (_, i) => {
    const unit = mix(stream * 2 ** 24 + i + 1) / 2 ** 32;
    return (2 * unit - 1) * (Math.sqrt(3) * deviation);
  });
}

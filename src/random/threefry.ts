/**
 * Threefry-4x32, a counter-based generator (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011): a keyed bijection from a 128-bit counter to 128 random bits. Only 32-bit additions,
 * rotations and exclusive ors, so it is fast in JavaScript and the same on every machine.
 */

/** Bits by which each round rotates; the eight pairs repeat. */
export const ROTATIONS = [
  [10, 26],
  [11, 21],
  [13, 27],
  [23, 5],
  [6, 20],
  [17, 11],
  [25, 10],
  [18, 20],
] as const

/**
 * Encrypts one counter block.
 *
 * @param key four 32-bit words
 * @param counter four 32-bit words
 * @param out where the four random words are written
 * @param rounds 20 is the authors' default; 12 and more pass BigCrush
 */
export function threefry(key: Uint32Array, counter: Uint32Array, out: Uint32Array, rounds = 20): void {
  const k0 = key[0] | 0
  const k1 = key[1] | 0
  const k2 = key[2] | 0
  const k3 = key[3] | 0
  const schedule = [k0, k1, k2, k3, 0x1bd11bda ^ k0 ^ k1 ^ k2 ^ k3]
  let x0 = (counter[0] + k0) | 0
  let x1 = (counter[1] + k1) | 0
  let x2 = (counter[2] + k2) | 0
  let x3 = (counter[3] + k3) | 0
  for (let round = 0; round < rounds; round++) {
    const [a, b] = ROTATIONS[round & 7]
    if ((round & 1) === 0) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << a) | (x1 >>> (32 - a))) ^ x0
      x2 = (x2 + x3) | 0
      x3 = ((x3 << b) | (x3 >>> (32 - b))) ^ x2
    } else {
      x0 = (x0 + x3) | 0
      x3 = ((x3 << a) | (x3 >>> (32 - a))) ^ x0
      x2 = (x2 + x1) | 0
      x1 = ((x1 << b) | (x1 >>> (32 - b))) ^ x2
    }
    if ((round & 3) === 3) {
      const injection = (round >> 2) + 1
      x0 = (x0 + schedule[injection % 5]) | 0
      x1 = (x1 + schedule[(injection + 1) % 5]) | 0
      x2 = (x2 + schedule[(injection + 2) % 5]) | 0
      x3 = (x3 + schedule[(injection + 3) % 5] + injection) | 0
    }
  }
  out[0] = x0
  out[1] = x1
  out[2] = x2
  out[3] = x3
}

/**
 * Fills `out` with the stream of blocks `block`, `block + 1`, … under `key`, in 12 rounds: the inner loop of
 * every random number, so the rounds of {@link threefry} are written out.
 *
 * @param out a multiple of four words
 * @param block the first counter, a whole number below 2⁵³; the counter's upper two words are 0
 */
export function threefryStream(key: Uint32Array, block: number, out: Uint32Array): void {
  const k0 = key[0] | 0
  const k1 = key[1] | 0
  const k2 = key[2] | 0
  const k3 = key[3] | 0
  const k4 = 0x1bd11bda ^ k0 ^ k1 ^ k2 ^ k3
  for (let i = 0; i < out.length; i += 4, block++) {
    let x0 = ((block | 0) + k0) | 0
    let x1 = (Math.floor(block / 4294967296) + k1) | 0
    let x2 = k2
    let x3 = k3
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 10) | (x1 >>> 22)) ^ x0
    x2 = (x2 + x3) | 0
    x3 = ((x3 << 26) | (x3 >>> 6)) ^ x2
    x0 = (x0 + x3) | 0
    x3 = ((x3 << 11) | (x3 >>> 21)) ^ x0
    x2 = (x2 + x1) | 0
    x1 = ((x1 << 21) | (x1 >>> 11)) ^ x2
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
    x2 = (x2 + x3) | 0
    x3 = ((x3 << 27) | (x3 >>> 5)) ^ x2
    x0 = (x0 + x3) | 0
    x3 = ((x3 << 23) | (x3 >>> 9)) ^ x0
    x2 = (x2 + x1) | 0
    x1 = ((x1 << 5) | (x1 >>> 27)) ^ x2
    x0 = (x0 + k1) | 0
    x1 = (x1 + k2) | 0
    x2 = (x2 + k3) | 0
    x3 = (x3 + k4 + 1) | 0
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
    x2 = (x2 + x3) | 0
    x3 = ((x3 << 20) | (x3 >>> 12)) ^ x2
    x0 = (x0 + x3) | 0
    x3 = ((x3 << 17) | (x3 >>> 15)) ^ x0
    x2 = (x2 + x1) | 0
    x1 = ((x1 << 11) | (x1 >>> 21)) ^ x2
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 25) | (x1 >>> 7)) ^ x0
    x2 = (x2 + x3) | 0
    x3 = ((x3 << 10) | (x3 >>> 22)) ^ x2
    x0 = (x0 + x3) | 0
    x3 = ((x3 << 18) | (x3 >>> 14)) ^ x0
    x2 = (x2 + x1) | 0
    x1 = ((x1 << 20) | (x1 >>> 12)) ^ x2
    x0 = (x0 + k2) | 0
    x1 = (x1 + k3) | 0
    x2 = (x2 + k4) | 0
    x3 = (x3 + k0 + 2) | 0
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 10) | (x1 >>> 22)) ^ x0
    x2 = (x2 + x3) | 0
    x3 = ((x3 << 26) | (x3 >>> 6)) ^ x2
    x0 = (x0 + x3) | 0
    x3 = ((x3 << 11) | (x3 >>> 21)) ^ x0
    x2 = (x2 + x1) | 0
    x1 = ((x1 << 21) | (x1 >>> 11)) ^ x2
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
    x2 = (x2 + x3) | 0
    x3 = ((x3 << 27) | (x3 >>> 5)) ^ x2
    x0 = (x0 + x3) | 0
    x3 = ((x3 << 23) | (x3 >>> 9)) ^ x0
    x2 = (x2 + x1) | 0
    x1 = ((x1 << 5) | (x1 >>> 27)) ^ x2
    x0 = (x0 + k3) | 0
    x1 = (x1 + k4) | 0
    x2 = (x2 + k0) | 0
    x3 = (x3 + k1 + 3) | 0
    out[i] = x0
    out[i + 1] = x1
    out[i + 2] = x2
    out[i + 3] = x3
  }
}

import { InputError } from '../errors.ts'

/** Words of state of the Mersenne Twister, and the distance between the words that it mixes. */
const SIZE = 624
const SHIFT = 397

/** NumPy's legacy generator, as far as environments that promise NumPy's resets need it. */
export interface RandomState {
  /** `randint(low, high)`: a uniform whole number in [low, high). */
  integer(low: number, high: number): number
  /** `randn()`: a standard normal number. */
  normal(): number
  /** `random_sample()`: a uniform number in [0, 1) with 53 random bits. */
  uniform(): number
}

/**
 * `numpy.random.RandomState(seed)`: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998) with the
 * legacy distributions, which NumPy has frozen, to the last bit.
 *
 * For everything else use `Rng`, which can be forked and stored.
 *
 * @param seed a whole number from 0 to 2³² − 1
 * @throws InputError for any other number
 */
export function randomState(seed: number): RandomState {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new InputError(
      `The NumPy seed ${seed} is not a whole number from 0 to 2^32 - 1; choose one that is.`,
    )
  }
  const next = mersenneTwister(seed)
  let spare = Number.NaN

  const uniform = (): number => {
    const high = next() >>> 5
    const low = next() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }

  return {
    uniform,
    integer(low, high) {
      const range = high - 1 - low
      if (!(Number.isInteger(low) && Number.isInteger(high) && range >= 0 && range < 0xffffffff)) {
        throw new InputError(
          `The range [${low}, ${high}) is empty or wider than 2^32 - 1 whole numbers; give low < high.`,
        )
      }
      if (range === 0) return low
      // The smallest 2^k − 1 that covers the range; numbers beyond the range are drawn again.
      const mask = 0xffffffff >>> Math.clz32(range)
      for (;;) {
        const value = (next() & mask) >>> 0
        if (value <= range) return low + value
      }
    },
    normal() {
      // Marsaglia's polar method makes two numbers at a time; the second made is given out first.
      if (!Number.isNaN(spare)) {
        const kept = spare
        spare = Number.NaN
        return kept
      }
      for (;;) {
        const x = 2 * uniform() - 1
        const y = 2 * uniform() - 1
        const squared = x * x + y * y
        if (squared >= 1 || squared === 0) continue
        const scale = Math.sqrt((-2 * roundedLog(squared)) / squared)
        spare = scale * x
        return scale * y
      }
    },
  }
}

/** A function that gives the next word, uniform in [0, 2³²). */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(SIZE)
  state[0] = seed
  for (let i = 1; i < SIZE; i++) {
    const last = state[i - 1] ^ (state[i - 1] >>> 30)
    state[i] = Math.imul(1812433253, last) + i
  }
  let place = SIZE

  const renew = (): void => {
    for (let i = 0; i < SIZE; i++) {
      const mixed = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff)
      state[i] = state[(i + SHIFT) % SIZE] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0)
    }
    place = 0
  }

  return () => {
    if (place === SIZE) renew()
    let word = state[place++]
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    return (word ^ (word >>> 18)) >>> 0
  }
}

/** Fractional bits of the fixed-point numbers below: twice a double's, and some for the sums. */
const BITS = 128n

/** log 2. */
const LOG_2 = fixedLog(2n << BITS)

/**
 * The natural logarithm of `x` > 0, rounded correctly. `Math.log` may be off by one in the last bit, and NumPy's
 * C library hardly ever is.
 */
function roundedLog(x: number): number {
  let exponent = 0
  let mantissa = x
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--
  for (; mantissa > Math.SQRT2; mantissa /= 2) exponent++
  const log = fixedLog(BigInt(mantissa * 2 ** 53) << (BITS - 53n)) + BigInt(exponent) * LOG_2
  return Number(log) / 2 ** Number(BITS)
}

/** log m = 2 artanh((m − 1) / (m + 1)) of a fixed-point number near 1, by its power series. */
function fixedLog(m: bigint): bigint {
  const one = 1n << BITS
  const z = ((m - one) << BITS) / (m + one)
  const square = (z * z) >> BITS
  let power = z
  let sum = 0n
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k
    power = (power * square) >> BITS
  }
  return 2n * sum
}

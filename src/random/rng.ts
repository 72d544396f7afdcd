import { InputError } from '../errors.ts'
import { normalLoops } from './simd.ts'
import { threefry, threefryStream } from './threefry.ts'
import { HEIGHT, TAIL, WIDTH } from './ziggurat.ts'

/** Everything needed to continue a stream: a few integers, safe to store as JSON. */
export interface RngState {
  /** Four 32-bit words. */
  readonly key: readonly number[]
  /** Number of 32-bit words drawn so far. */
  readonly position: number
}

/** Words made at a time. */
const BUFFER = 256
/** Normal numbers from which the WebAssembly loops are worth waking. */
const WORTH_LOOPS = 4096
/** Numbers left for which the loops' whole buffer is not worth filling. */
const FEW = 1024

/**
 * A seeded stream of random numbers. The n-th word is a function of the key and n alone, so a stream can be
 * stored as its {@link state} and continued exactly, and {@link fork} gives independent streams by name
 * without advancing this one: random numbers for step 1,000 do not depend on how many were drawn before.
 */
export class Rng {
  readonly #key: Uint32Array
  #buffer: Uint32Array = new Uint32Array(BUFFER)
  #next = BUFFER
  /** Words generated, the buffered ones included. */
  #generated = 0

  private constructor(key: Uint32Array) {
    this.#key = key
  }

  /** @param seed an integer in [0, 2⁵³) @throws InputError for any other number */
  static seeded(seed: number): Rng {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new InputError(`The seed ${seed} is not a whole number from 0 to 2^53 - 1; choose one that is.`)
    }
    return new Rng(Uint32Array.of(seed >>> 0, Math.floor(seed / 2 ** 32), 0, 0))
  }

  /** Continues a stream where {@link state} was read. */
  static restored(state: RngState): Rng {
    const rng = new Rng(Uint32Array.from(state.key))
    rng.#seek(state.position)
    return rng
  }

  /** The stream's present place. */
  state(): RngState {
    return { key: [...this.#key], position: this.#position() }
  }

  /**
   * An independent stream that depends on this stream's key and the labels only, not on its position.
   *
   * @param labels names or whole numbers, such as `fork('noise', step)`
   */
  fork(...labels: (string | number)[]): Rng {
    let key = this.#key
    for (const label of labels) {
      const counter = typeof label === 'number' ? numberLabel(label) : stringLabel(label)
      const next = new Uint32Array(4)
      threefry(key, counter, next)
      key = next
    }
    return new Rng(key === this.#key ? key.slice() : key)
  }

  /** A uniform whole number in [0, 2³²). */
  uint32(): number {
    if (this.#next === this.#buffer.length) this.#refill()
    return this.#buffer[this.#next++]
  }

  /** A uniform number in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5
    const low = this.uint32() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }

  /** A uniform whole number in [low, high), without bias; both ends safe integers with high − low ≤ 2³². */
  integer(low: number, high: number): number {
    const range = high - low
    if (!(range > 0 && range <= 2 ** 32)) {
      throw new InputError(`The range [${low}, ${high}) is empty or wider than 2^32; give low < high.`)
    }
    const limit = 2 ** 32 - (2 ** 32 % range)
    for (;;) {
      const word = this.uint32()
      if (word < limit) return low + (word % range)
    }
  }

  /** A standard normal number (ziggurat, 256 layers, 23 bits within the layer). */
  normal(): number {
    for (;;) {
      const word = this.uint32()
      const layer = word & 255
      // The upper 24 bits, signed, as a fraction in (−1, 1).
      const fraction = ((word | 0) >> 8) / 8388608
      const x = fraction * WIDTH[layer]
      if (Math.abs(x) < WIDTH[layer + 1]) return x
      if (layer === 0) return fraction < 0 ? -this.#tail() : this.#tail()
      const height = HEIGHT[layer] + this.uniform() * (HEIGHT[layer + 1] - HEIGHT[layer])
      if (height < Math.exp(-0.5 * x * x)) return x
    }
  }

  /** Fills `out` with standard normal numbers and returns it. */
  fillNormal<T extends Float32Array | Float64Array>(out: T): T {
    const done = out instanceof Float32Array && out.length >= WORTH_LOOPS ? this.#fillFast(out) : 0
    const buffer = this.#buffer
    for (let i = done; i < out.length; i++) {
      if (this.#next === BUFFER) this.#refill()
      const word = buffer[this.#next]
      const layer = word & 255
      const x = (((word | 0) >> 8) / 8388608) * WIDTH[layer]
      if (Math.abs(x) < WIDTH[layer + 1]) {
        this.#next++
        out[i] = x
      } else {
        out[i] = this.normal()
      }
    }
    return out
  }

  /** Fills as much of `out` as the WebAssembly loops can, from the same words. @returns how much that is */
  #fillFast(out: Float32Array): number {
    const loops = normalLoops()
    if (!loops) return 0
    const own = this.#buffer
    let i = 0
    while (this.#next < BUFFER && i < out.length) out[i++] = this.normal()
    const { buffer, numbers } = loops
    if (out.length - i < FEW) return i
    // For a while the loops' larger buffer is this stream's, so that rejected words are dealt with as always.
    this.#buffer = buffer
    this.#next = buffer.length
    while (out.length - i >= FEW || (this.#next < buffer.length && i < out.length)) {
      if (this.#next === buffer.length) this.#refill()
      const from = this.#next
      const end = loops.accept(from, Math.min(buffer.length, from + out.length - i))
      out.set(numbers.subarray(from, end), i)
      i += end - from
      this.#next = end
      if (end < buffer.length && i < out.length) out[i++] = this.normal()
    }
    const position = this.#position()
    this.#buffer = own
    this.#seek(position)
    return i
  }

  /** Fills `out` with uniform numbers in [0, 1), one 32-bit word each, and returns it. */
  fillUniform<T extends Float32Array | Float64Array>(out: T): T {
    // 24 bits, so that the number stays below 1 in float32.
    for (let i = 0; i < out.length; i++) out[i] = (this.uint32() >>> 8) / 16777216
    return out
  }

  /** A uniformly random order of 0 … n−1 (Fisher–Yates). */
  permutation(n: number): Int32Array {
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i))
  }

  /** Shuffles `items` in place (Fisher–Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(0, i + 1)
      const held = items[i]
      items[i] = items[j]
      items[j] = held
    }
    return items
  }

  /** A normal number beyond {@link TAIL} (Marsaglia 1964). */
  #tail(): number {
    for (;;) {
      const x = -Math.log(1 - this.uniform()) / TAIL
      const y = -Math.log(1 - this.uniform())
      if (y + y >= x * x) return TAIL + x
    }
  }

  /** Words drawn so far. */
  #position(): number {
    return this.#generated - (this.#buffer.length - this.#next)
  }

  /** Goes on at a word. */
  #seek(position: number): void {
    this.#generated = Math.floor(position / BUFFER) * BUFFER
    const within = position - this.#generated
    this.#next = BUFFER
    if (within === 0) return
    this.#refill()
    this.#next = within
  }

  #refill(): void {
    const words = this.#buffer
    if (words.length > BUFFER) normalLoops()!.words(this.#key, this.#generated / 4)
    else threefryStream(this.#key, this.#generated / 4, words)
    this.#generated += words.length
    this.#next = 0
  }
}

/** Counter blocks with a last word other than 0 never occur in a stream, so forks cannot collide with it. */
function numberLabel(label: number): Uint32Array {
  if (!Number.isSafeInteger(label)) {
    throw new InputError(`The stream label ${label} is not a whole number; use a whole number or a string.`)
  }
  return Uint32Array.of(label >>> 0, Math.floor(label / 2 ** 32), 0, 1)
}

function stringLabel(label: string): Uint32Array {
  // FNV-1a twice, with different offsets: 64 bits of a short name.
  let a = 0x811c9dc5
  let b = 0x01000193
  for (let i = 0; i < label.length; i++) {
    a = Math.imul(a ^ label.charCodeAt(i), 0x01000193)
    b = Math.imul(b ^ label.charCodeAt(i), 0x85ebca6b)
  }
  return Uint32Array.of(a, b, label.length, 2)
}

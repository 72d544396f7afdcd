import { ROTATIONS, threefryStream } from './threefry.ts'
import { WIDTH } from './ziggurat.ts'

/**
 * The inner loops of random normal numbers in WebAssembly, with four blocks of Threefry side by side in the lanes of
 * SIMD registers: the same words and numbers as the scalar loops, bit for bit. The module is a few hundred
 * instructions that are written down here as bytes, so nothing has to be built or loaded.
 */
export interface NormalLoops {
  /** Where {@link words} writes. */
  readonly buffer: Uint32Array
  /** Where {@link accept} writes. */
  readonly numbers: Float32Array
  /**
   * Fills the buffer with the stream of 12-round blocks from `block` on.
   *
   * @param block a multiple of four
   */
  words(key: Uint32Array, block: number): void
  /**
   * Turns words into normal numbers as long as they fall inside their layer of the ziggurat.
   *
   * @param from first word of the buffer
   * @param to one past the last
   * @returns the first word that did not; `to` if all did. The numbers of the others are at the same places
   */
  accept(from: number, to: number): number
}

/** Words at a time. */
const WORDS = 4096
const AT = { table: 0, words: 4096, numbers: 4096 + 4 * WORDS }
const PAGES = 1

const ROUNDS = 12

let made: NormalLoops | null | undefined

/** The loops, made when they are first asked for; null where the runtime has no SIMD. */
export function normalLoops(): NormalLoops | null {
  if (made === undefined) made = instantiate()
  return made
}

function instantiate(): NormalLoops | null {
  let instance: WebAssembly.Instance
  try {
    instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()))
  } catch {
    return null
  }
  const { memory, words, accept } = instance.exports as {
    memory: WebAssembly.Memory
    words(k0: number, k1: number, k2: number, k3: number, low: number, high: number): void
    accept(from: number, to: number): number
  }
  new Float64Array(memory.buffer, AT.table, WIDTH.length).set(WIDTH)
  const buffer = new Uint32Array(memory.buffer, AT.words, WORDS)
  return {
    buffer,
    numbers: new Float32Array(memory.buffer, AT.numbers, WORDS),
    words(key, block) {
      const low = block % 4294967296
      // Lanes do not carry, which once in 2³² blocks they should.
      if (low + WORDS / 4 > 4294967296) threefryStream(key, block, buffer)
      else words(key[0], key[1], key[2], key[3], low | 0, Math.floor(block / 4294967296) | 0)
    },
    accept: (from, to) => accept(AT.words + 4 * from, AT.words + 4 * to) / 4 - AT.words / 4,
  }
}

// What follows assembles the module; names are those of the WebAssembly specification.

const I32 = 0x7f
const F64 = 0x7c
const V128 = 0x7b

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content]
  const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()]
  const name = (text: string) => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))]
  const body = (locals: readonly (readonly [number, number])[], code: readonly number[]) => {
    const content = [...vector(locals.map(([count, type]) => [count, type])), ...code, 0x0b]
    return [...unsigned(content.length), ...content]
  }
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      vector([
        [0x60, 6, I32, I32, I32, I32, I32, I32, 0],
        [0x60, 2, I32, I32, 1, I32],
      ]),
    ),
    ...section(3, vector([[0], [1]])),
    ...section(5, vector([[0x00, PAGES]])),
    ...section(
      7,
      vector([
        [...name('memory'), 2, 0],
        [...name('words'), 0, 0],
        [...name('accept'), 0, 1],
      ]),
    ),
    ...section(
      10,
      vector([
        // Locals 6 and 7: where to write, and the fifth key; then the schedule, the state and the counters.
        body(
          [
            [2, I32],
            [10, V128],
          ],
          wordsCode(),
        ),
        // Local 2: the word; 3: its layer's place; 4: the number.
        body(
          [
            [2, I32],
            [1, F64],
          ],
          acceptCode(),
        ),
      ]),
    ),
  ])
}

function wordsCode(): number[] {
  const [to, fifth] = [6, 7]
  const keys = [8, 9, 10, 11, 12]
  const x = [13, 14, 15, 16]
  const counter = 17
  const splat = (code: readonly number[], local: number) => [...code, ...simd(0x11), ...set(local)]
  const add = (target: number, other: readonly number[]) => [
    ...get(target),
    ...other,
    ...simd(0xae),
    ...set(target),
  ]
  const rounds: number[] = []
  const mix = (a: number, b: number, rotation: number) =>
    rounds.push(
      ...add(a, get(b)),
      // b = rotated(b) ^ a
      ...[...get(b), ...constant(rotation), ...simd(0xab)],
      ...[...get(b), ...constant(32 - rotation), ...simd(0xad), ...simd(0x50)],
      ...[...get(a), ...simd(0x51), ...set(b)],
    )
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = ROTATIONS[round & 7]
    const even = (round & 1) === 0
    mix(x[0], even ? x[1] : x[3], first)
    mix(x[2], even ? x[3] : x[1], second)
    if ((round & 3) !== 3) continue
    const injection = (round >> 2) + 1
    for (let k = 0; k < 4; k++) rounds.push(...add(x[k], get(keys[(injection + k) % 5])))
    rounds.push(...add(x[3], [...constant(injection), ...simd(0x11)]))
  }
  // The lanes hold one word of four blocks each, and are stored block by block.
  const low = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23]
  const high = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31]
  const front = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
  const back = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31]
  const shuffled = (a: readonly number[], b: readonly number[], lanes: readonly number[]) => [
    ...a,
    ...b,
    ...simd(0x0d),
    ...lanes,
  ]
  const pairs = [
    [x[0], x[1]],
    [x[2], x[3]],
  ].map(([a, b]) => [low, high].map((lanes) => shuffled(get(a), get(b), lanes)))
  const stored = [low, high].flatMap((_, half) =>
    [front, back].flatMap((lanes, part) => [
      ...get(to),
      ...shuffled(pairs[0][half], pairs[1][half], lanes),
      ...simd(0x0b),
      ...[4, ...unsigned(16 * (2 * half + part))],
    ]),
  )
  return [
    ...[...get(0), ...get(1), 0x73, ...get(2), 0x73, ...get(3), 0x73, ...constant(0x1bd11bda), 0x73],
    ...set(fifth),
    ...[0, 1, 2, 3].flatMap((k) => splat(get(k), keys[k])),
    ...splat(get(fifth), keys[4]),
    // The counters of four blocks; they do not carry, because they begin at a multiple of four.
    ...splat(get(4), counter),
    ...add(counter, [...simd(0x0c), ...[0, 1, 2, 3].flatMap((lane) => [lane, 0, 0, 0])]),
    ...[...constant(AT.words), ...set(to)],
    ...[0x03, 0x40],
    ...[...get(counter), ...get(keys[0]), ...simd(0xae), ...set(x[0])],
    ...[...get(5), ...simd(0x11), ...get(keys[1]), ...simd(0xae), ...set(x[1])],
    ...[...get(keys[2]), ...set(x[2]), ...get(keys[3]), ...set(x[3])],
    ...rounds,
    ...stored,
    ...add(counter, [...constant(4), ...simd(0x11)]),
    // On with the loop while there is room.
    ...[...get(to), ...constant(64), 0x6a, 0x22, to],
    ...[...constant(AT.words + 4 * WORDS), 0x49, 0x0d, 0, 0x0b],
  ]
}

function acceptCode(): number[] {
  const [at, end, word, layer, number] = [0, 1, 2, 3, 4]
  const scale = [...new Uint8Array(Float64Array.of(1 / 8388608).buffer)]
  return [
    ...[0x03, 0x40],
    // if (at >= end) return at
    ...[...get(at), ...get(end), 0x4f, 0x04, 0x40, ...get(at), 0x0f, 0x0b],
    ...[...get(at), 0x28, 2, 0, 0x22, word],
    ...[...constant(255), 0x71, ...constant(3), 0x74, ...set(layer)],
    // number = (word >> 8) / 2²³ · width of the layer
    ...[...get(word), ...constant(8), 0x75, 0xb7, 0x44, ...scale, 0xa2],
    ...[...get(layer), 0x2b, 3, ...unsigned(AT.table), 0xa2, 0x22, number],
    // if (|number| >= width of the next layer) return at
    ...[0x99, ...get(layer), 0x2b, 3, ...unsigned(AT.table + 8), 0x63, 0x45],
    ...[0x04, 0x40, ...get(at), 0x0f, 0x0b],
    ...[...get(at), ...get(number), 0xb6, 0x38, 2, ...unsigned(AT.numbers - AT.words)],
    ...[...get(at), ...constant(4), 0x6a, ...set(at), 0x0c, 0, 0x0b],
    0x00,
  ]
}

const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const simd = (opcode: number) => [0xfd, ...unsigned(opcode)]
const constant = (value: number) => [0x41, ...signed(value)]

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  const rest = value >> 7
  const last = (rest === 0 && (value & 64) === 0) || (rest === -1 && (value & 64) !== 0)
  return last ? [value & 127] : [(value & 127) | 128, ...signed(rest)]
}

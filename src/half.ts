/** IEEE 754 half precision (binary16), by its 16 bits. */

const float = new Float32Array(1)
const bitsOfFloat = new Uint32Array(float.buffer)
let table: Float32Array | undefined

/** The number that 16 bits stand for. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The numbers that halves stand for; by a table, for weights come by the hundred million. */
export function halvesToFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfToNumber(bits))
  const known = table
  const out = new Float32Array(halves.length)
  for (let i = 0; i < out.length; i++) out[i] = known[halves[i]]
  return out
}

/** The bits of the nearest half, ties to even; beyond 65,504 of infinity. */
export function numberToHalf(value: number): number {
  float[0] = value
  const bits = bitsOfFloat[0]
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  // 65,520 is halfway between the largest half and the next power of two.
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude < 0x38800000) {
    // Below the smallest normal half the spacing is constant.
    return sign | roundHalfEven(Math.abs(float[0]) * 2 ** 24)
  }
  const rebased = magnitude - 0x38000000
  const kept = rebased >>> 13
  const rest = rebased & 0x1fff
  return sign | (rest > 0x1000 || (rest === 0x1000 && (kept & 1) === 1) ? kept + 1 : kept)
}

/** {@link numberToHalf} of each. */
export function floatsToHalves(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(values.length)
  for (let i = 0; i < out.length; i++) out[i] = numberToHalf(values[i])
  return out
}

/** Rounds to the nearest half. */
export function roundToHalf(value: number): number {
  return halfToNumber(numberToHalf(value))
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && (below & 1) === 1) ? below + 1 : below
}

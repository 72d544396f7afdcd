const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** Rounds to the nearest IEEE half-precision number, ties to even; beyond 65,504 to infinity. */
export function roundToHalf(value: number): number {
  float[0] = value
  const magnitude = bits[0] & 0x7fffffff
  if (magnitude >= 0x7f800000) return float[0]
  const absolute = Math.abs(float[0])
  // Below the smallest normal half (2⁻¹⁴) the spacing is constant, 2⁻²⁴.
  const exponent = Math.max((magnitude >>> 23) - 127, -14)
  const spacing = 2 ** (exponent - 10)
  const units = absolute / spacing
  const floor = Math.floor(units)
  const rest = units - floor
  const rounded = (rest > 0.5 || (rest === 0.5 && (floor & 1) === 1) ? floor + 1 : floor) * spacing
  const result = rounded > 65504 ? Infinity : rounded
  return float[0] < 0 ? -result : result
}

/** The number that 16 bits of IEEE 754 half precision stand for. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The bits of the half precision number equal to `value`, or of NaN where there is none. */
export function numberToHalf(value: number): number {
  for (let bits = 0; bits < 0x10000; bits++) if (Object.is(halfToNumber(bits), value)) return bits
  return 0x7e00
}

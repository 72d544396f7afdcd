import test from 'ava'
import { floatsToHalves, halfToNumber, halvesToFloats, numberToHalf, roundToHalf } from '../src/half.ts'

test('every half survives the way to a number and back', (t) => {
  const halves = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits)
  const numbers = halvesToFloats(halves)
  for (let bits = 0; bits < 0x10000; bits++) {
    if (!Object.is(numbers[bits], halfToNumber(bits))) t.fail(`${bits}`)
    if (!Number.isNaN(numbers[bits]) && numberToHalf(numbers[bits]) !== bits) t.fail(`${bits} comes back`)
  }
  t.is(numberToHalf(Number.NaN) & 0x7e00, 0x7e00)
})

test('numbers go to the nearest half, ties to even', (t) => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [halfToNumber(bits), halfToNumber(bits + 1)]
    const middle = (low + high) / 2
    const even = bits % 2 === 0 ? low : high
    if (roundToHalf(middle) !== even || roundToHalf(-middle) !== -even) t.fail(`tie above ${low}`)
    if (roundToHalf(low + (high - low) * 0.25) !== low) t.fail(`above ${low}`)
    if (roundToHalf(low + (high - low) * 0.75) !== high) t.fail(`below ${high}`)
  }
  t.is(roundToHalf(65519), 65504)
  t.is(roundToHalf(65520), Infinity)
  t.is(roundToHalf(-1e9), -Infinity)
  t.deepEqual([...floatsToHalves([1, -2, 0.5])], [0x3c00, 0xc000, 0x3800])
})

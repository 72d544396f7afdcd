import test from 'ava'
import { modeStyles, NO_MODE } from '../../../../src/benchmark/report/charts/mode-style.ts'

test('few modes are told apart without their colours, and from paths without one', (t) => {
  for (const count of [1, 2, 6]) {
    const lines = [...modeStyles(count), NO_MODE].map(({ width, dash }) => `${width} ${dash}`)
    t.is(new Set(lines).size, count + 1)
  }
})

test('many modes have a colour each, and dashes by half', (t) => {
  const styles = modeStyles(24)
  t.is(new Set(styles.map(({ color }) => color)).size, 24)
  t.deepEqual(
    styles.map(({ dash }) => dash === undefined),
    styles.map((_, i) => i < 12),
  )
})

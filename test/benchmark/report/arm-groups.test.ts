import test from 'ava'
import { ARMS, VANILLA } from '../../../src/benchmark/arm.ts'
import { ARM_GROUPS, groupArms } from '../../../src/benchmark/report/arm-groups.ts'
import { armStyle } from '../../../src/benchmark/report/style.ts'

const all = Object.keys(ARMS)

test('every arm stands in one group, and vanilla in each', (t) => {
  t.deepEqual(ARM_GROUPS.flatMap(({ arms }) => arms).sort(), all.filter((arm) => arm !== VANILLA).sort())
  for (const { arms } of groupArms(all)) t.is(arms[0], VANILLA)
})

test('few arms stay together', (t) => {
  t.deepEqual(groupArms(['independent', 'local']), [{ name: '', title: '', arms: ['independent', 'local'] }])
})

test('curves that share a panel differ in colour, in shape and in dashes', (t) => {
  for (const { name, arms } of groupArms(all)) {
    const styles = arms.map(armStyle)
    for (const of of ['color', 'symbol', 'dash'] as const) {
      t.is(new Set(styles.map((style) => style[of])).size, arms.length, `${name}: ${of}`)
    }
  }
})

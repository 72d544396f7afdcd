import type { Judged } from '../comparison.ts'
import { type Block, table } from './document.ts'
import { differenceText, neededCount } from './format.ts'
import { calls } from './section.ts'

/** Coverage of the bootstrap in test/evaluate/coverage.slow.test.ts. */
const COVERAGE =
  'Findings go by the t interval. The bootstrap’s (expanded percentile) assumes no shape of the differences, but has too few distinct resamples to draw from few seeds: in 10,000 simulated benchmarks each, 95 % intervals of 3, 5, 10 and 20 seeds held the truth in 75 %, 91 %, 94 % and 95 % by the bootstrap, and in 95 % by t.'

/** Both intervals of every comparison of two seeds or more, and the seeds that it would take. */
export function intervalTable(judged: readonly Judged[], folded: string): Block[] {
  const rows = judged.flatMap((one) => {
    const { difference, side, against } = one
    if (!difference) return []
    return [
      [
        `\`${one.task}\``,
        side.arm,
        against.arm,
        calls(side.evaluations),
        `${one.seeds}`,
        differenceText(difference.t),
        differenceText(difference.bootstrap),
        neededCount(one),
      ],
    ]
  })
  return table(
    [
      'task',
      'arm',
      'against',
      'a plan',
      'seeds',
      'difference, t interval',
      'difference, bootstrap interval',
      'seeds needed',
    ],
    rows,
    folded,
    COVERAGE,
  )
}

import { compareReach, type Reached, signTest } from '../../evaluate/threshold.ts'
import { VANILLA } from '../arm.ts'
import { ENOUGH_SEEDS } from '../comparison.ts'
import { pText } from './format.ts'
import { reached } from './questions.ts'
import { calls, FEWEST, type Section } from './section.ts'

/** The level of success that learning is timed to in the summary. */
const LEVEL = 0.5

type BySeed = ReadonlyMap<number, Reached>

/** The answers for some arms, and what the test can say. */
export function sooner(section: Section, arms: readonly string[]): string[] {
  const answers = arms.flatMap((arm) => soonerOne(section, arm))
  const tested = answers.some((answer) => answer.includes('sign test'))
  const most = `${ENOUGH_SEEDS} of ${ENOUGH_SEEDS} seeds come to p ${pText(signTest(ENOUGH_SEEDS, 0))} at best`
  return [
    ...answers,
    ...(tested
      ? [
          `a seed counts once, by whether it was sooner on more tasks than later; ${most}, and these are not corrected`,
        ]
      : []),
  ]
}

/**
 * How often an arm came to a level of success in fewer training steps than vanilla, over the tasks on which both have
 * enough seeds. Tasks of one environment share their demonstrations, so the runs of a seed count as one in the test:
 * whether they were sooner more often than later.
 *
 * @returns nothing without a pair of runs
 */
function soonerOne({ results, tasks }: Section, arm: string): string[] {
  const timed = tasks.flatMap((task) => {
    const [a, b] = [arm, VANILLA].map((name): BySeed => reached(results, task, name, FEWEST, LEVEL, 'steps'))
    const seeds = [...a.keys()].filter((seed) => b.has(seed))
    return seeds.length > 0 ? [{ task, a, b, seeds }] : []
  })
  if (timed.length === 0) return []
  const enough = timed.filter(({ seeds }) => seeds.length >= ENOUGH_SEEDS)
  if (enough.length === 0) {
    const seen = timed.map(({ task, seeds }) => `\`${task}\` ${seeds.length} of ${ENOUGH_SEEDS}`)
    return [`**${arm}**: not enough seeds (${seen.join('; ')})`]
  }
  const pairs = enough.flatMap(({ a, b, seeds }) =>
    seeds.map((seed) => ({ seed, ...compareReach([a.get(seed)!], [b.get(seed)!]) })),
  )
  const count = (of: (pair: (typeof pairs)[number]) => number) =>
    pairs.reduce((sum, pair) => sum + of(pair), 0)
  const bySeed = [...new Set(pairs.map(({ seed }) => seed))].map((seed) =>
    Math.sign(count((pair) => (pair.seed === seed ? pair.sooner - pair.later : 0))),
  )
  const [before, after] = [1, -1].map((sign) => bySeed.filter((one) => one === sign).length)
  return [
    [
      `**${arm}**: fewer steps than vanilla in ${count((pair) => pair.sooner)} of ${pairs.length} pairs of runs on ${tasksText(enough.length)}`,
      `more in ${count((pair) => pair.later)}; by seed sooner in ${before} of ${bySeed.length}`,
      `later in ${after} (sign test p ${pText(signTest(before, after))})`,
    ].join(', '),
  ]
}

/** What the answers of {@link sooner} are to. */
export const SOONER = `Do they learn sooner, to ${100 * LEVEL} % of success with ${calls(FEWEST)}?`

function tasksText(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`
}

import type { Environment } from '../../../env/environment.ts'
import { AT_LEVEL } from '../../../evaluate/matched.ts'
import { VANILLA } from '../../arm.ts'
import type { Judged } from '../../comparison.ts'
import { METRICS } from '../../metric.ts'
import { PROTOCOLS } from '../../protocol.ts'
import { type Block, heading, table, text } from '../document.ts'
import { differenceText, figureText } from '../format.ts'
import { matchedText, matchedTo } from '../matched.ts'
import { calls, MOST, type Section } from '../section.ts'
import { histograms, modesOf } from '../section-modes.ts'

/** How evenly policies show the modes, at matched success. */
export function modes(section: Section, environments: ReadonlyMap<string, Environment>): Block[] {
  const variation = matchedTo(section, METRICS['total-variation'])
  const entropy = matchedTo(section, METRICS.entropy)
  if (variation.length === 0) return []
  const rows = variation.map(({ matched, judged }, i) => [
    `\`${matched.task}\``,
    matched.arm,
    `${judged?.seeds ?? 0} of ${matched.seeds}`,
    matched.level === null ? '' : figureText(matched.level),
    figuresText(judged),
    figuresText(entropy[i].judged),
    matchedText(matched, judged),
  ])
  return [
    heading(2, 'Balance of modes'),
    text(
      `How unevenly policies with ${calls(MOST)} show the modes, 0 for perfectly even: the total variation of the modes’ shares from uniform above its floor, and their entropy (1 for even shares) below its ceiling. Floor and ceiling are what a perfectly even policy shows on average in as many counted episodes.`,
    ),
    text(
      `Failing more often is no variety, so the two runs of a seed are compared where both were equally successful for the first time, between two evaluations by a straight line. Where a run is above all that the other comes to when it is first evaluated, by more than ${AT_LEVEL}, they never were equally successful, and that seed is left out.`,
    ),
    ...counting(section, environments),
    ...table(
      [
        'task',
        'arm',
        'matched\nseeds',
        'at success',
        `total variation above floor\narm against ${VANILLA}`,
        `entropy below ceiling\narm against ${VANILLA}`,
        'finding by total variation',
      ],
      rows,
      undefined,
      'Success and figures are means over the matched seeds; below the figures stands the paired difference with its 95 % t interval.',
    ),
    ...elsewhere(section),
    ...histograms({ ...section, tasks: drawnHere(section) }, environments),
  ]
}

/** Tasks whose histograms are not in the chapter on them. */
function drawnHere({ tasks }: Section): string[] {
  return tasks.filter((task) => PROTOCOLS['closed-loop'].tasks.includes(task))
}

function elsewhere(section: Section): Block[] {
  const here = drawnHere(section)
  const others = section.tasks.filter((task) => !here.includes(task)).map((task) => `\`${task}\``)
  return others.length > 0
    ? [text(`The shares of each mode on ${others.join(' and ')} are drawn in the chapters on them.`)]
    : []
}

function figuresText(judged: Judged | undefined): string {
  if (!judged) return ''
  const { value, reference, difference } = judged
  const figures = `${figureText(value)} against ${figureText(reference)}`
  return difference ? `${figures}\n${differenceText(difference.t)}` : figures
}

/** Which episodes count, where those are not the successes alone. */
function counting({ results, tasks }: Section, environments: ReadonlyMap<string, Environment>): Block[] {
  const all = tasks.filter((task) => modesOf(results, task, environments)?.counted === 'all')
  if (all.length === 0) return []
  return [
    text(
      `Counted episodes are the successes, as a failure’s way says nothing; on ${all.map((task) => `\`${task}\``).join(', ')} they are all that show a mode, successes and failures, since the way round is chosen long before the end, whatever comes of it.`,
    ),
  ]
}

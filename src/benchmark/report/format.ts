import type { Estimate } from '../../evaluate/interval.ts'
import { claimed, ENOUGH_SEEDS, finding, type Judged } from '../comparison.ts'

/** A figure with as many digits as say something. */
export function figureText(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3
  // No minus before what is shown as 0.
  return value
    .toFixed(digits)
    .replace(/^-(0\.?0*)$/, '$1')
    .replace('-', '−')
}

/** `0.905 [0.870, 0.940]` */
export function estimateText({ value, low, high }: Estimate): string {
  return `${figureText(value)} [${figureText(low)}, ${figureText(high)}]`
}

/** `+0.212 [+0.150, +0.274]` */
export function differenceText({ value, low, high }: Estimate): string {
  return `${signed(value)} [${signed(low)}, ${signed(high)}]`
}

function signed(value: number): string {
  const shown = figureText(value)
  return value > 0 && Number(shown) !== 0 ? `+${shown}` : shown
}

/** A p-value: `0.003`, `< 0.001`. */
export function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3)
}

/**
 * What a comparison found, in a few words with its interval.
 *
 * @param where such as ` on average over 4 tasks`
 */
export function findingText(judged: Judged, where = ''): string {
  const found = finding(judged)
  if (found === 'not enough seeds') {
    return `not enough seeds${where} (${seenText(judged)})`
  }
  if (found === 'no significant difference') return `no significant difference${where}: ${seenText(judged)}`
  return `**${found}**${where} by ${seenText(judged)}`
}

/**
 * The difference that was seen, and what it would take to tell it from none where that is not done:
 * `+0.033 [−0.184, +0.250], needs 64 seeds`.
 */
export function seenText(judged: Judged): string {
  const { seeds, difference } = judged
  const found = finding(judged)
  const counted = found === 'not enough seeds' ? [`${seeds} of ${ENOUGH_SEEDS}`] : []
  if (!difference) return counted.join('')
  const seen = `${counted.length > 0 ? 'so far ' : ''}${differenceText(difference.t)}`
  return [...counted, seen, ...neededText(judged)].join(', ')
}

/** What it would take to tell the difference seen from none; nothing where it was, or with a single seed. */
export function neededText(judged: Judged): string[] {
  const needed = neededCount(judged)
  return needed === '' ? [] : [`needs ${needed} seeds`]
}

/** `21`, or `more than 200`, which would be a guess. */
export function neededCount(judged: Judged): string {
  return judged.difference && !claimed(judged) ? seedsText(judged.needed) : ''
}

/** A number of seeds that would do; no fewer than any verdict takes. */
export function seedsText(needed: number): string {
  return needed > 200 ? 'more than 200' : `${Math.max(needed, ENOUGH_SEEDS)}`
}

/** Explains {@link neededText}. */
export const NEEDED_KEY =
  'Where nothing was found, **needs n seeds** is how many paired seeds would tell a difference of the size and spread seen from none, with a chance of 80 % and after Holm’s correction; of few seeds it is a rough guess. Where an answer within a margin is open, it is how many would tell it from the margin, without correction.'

/** A cell of a table of differences: ▲ better, ▼ worse, ○ nothing seen, · too few seeds. */
export function cellText(judged: Judged | undefined): string {
  if (!judged) return ''
  const { difference, value } = judged
  const mark = MARKS[finding(judged)]
  if (!difference) return `${figureText(value)} ${mark}`
  return `${figureText(value)} ${mark}\n${differenceText(difference.t)}`
}

const MARKS = { better: '▲', worse: '▼', 'no significant difference': '○', 'not enough seeds': '·' } as const

/** Explains {@link cellText}. */
export const CELL_KEY =
  'Each cell: mean over seeds; below it the paired difference to what the arm is compared with, and its 95 % t interval. ▲ better, ▼ worse after Holm’s correction over the table; ○ no significant difference; · fewer than 5 seeds, so nothing is claimed.'

/** `1,200` */
export function countText(value: number): string {
  return Math.round(value).toLocaleString('en')
}

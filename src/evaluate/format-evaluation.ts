import type { Estimate } from './interval.ts'
import { entropyCeiling } from './modes.ts'
import type { Evaluation } from './summarize.ts'

/** A line of a table: what, how much, and between what bounds. */
export interface EvaluationLine {
  readonly label: string
  readonly value: string
  /** The 95 % interval, or a remark; may be empty. */
  readonly interval: string
}

/** The lines of an evaluation's table, most important first. */
export function formatEvaluation(evaluation: Evaluation): EvaluationLine[] {
  const { success, reward, length, modes, latency, episodes } = evaluation
  const lines = [
    { label: 'episodes', value: `${episodes}`, interval: '' },
    line('success', success, percent),
    line('max reward', reward.max, decimals),
    line('mean reward', reward.mean, decimals),
    line('final reward', reward.final, decimals),
    line('length (actions)', length, (value) => value.toFixed(1)),
  ]
  if (modes) {
    lines.push({ label: 'modes seen', value: `${modes.seen} of ${modes.names.length}`, interval: '' })
    if (modes.entropy) {
      lines.push(besideEven('mode entropy', modes.entropy, entropyCeiling(modes.names.length, modes.total)))
    }
    if (modes.totalVariation) {
      lines.push(besideEven('mode total variation', modes.totalVariation, modes.totalVariationFloor ?? 0))
    }
    // Many modes would bury the rest of the table.
    if (modes.shares && modes.names.length <= 8) {
      modes.shares.forEach((share, mode) => {
        lines.push(line(`mode ${modes.names[mode]}`, share, percent))
      })
    }
  }
  if (latency) {
    const batch = Math.round(latency.batch)
    lines.push({
      label: 'planning p50 / p95 (ms)',
      value: `${latency.p50.toFixed(1)} / ${latency.p95.toFixed(1)}`,
      interval: batch === 1 ? 'one episode a call' : `${batch} episodes a call`,
    })
  }
  return lines
}

function line(label: string, estimate: Estimate, format: (value: number) => string): EvaluationLine {
  const { value, low, high } = estimate
  return { label, value: format(value), interval: `${format(low)} to ${format(high)}` }
}

/** @param even what a perfectly even policy shows on average in as many episodes */
function besideEven(label: string, estimate: Estimate, even: number): EvaluationLine {
  const { interval, ...rest } = line(label, estimate, decimals)
  return { ...rest, interval: `${interval} (${decimals(even)} if perfectly even)` }
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`
}

function decimals(value: number): string {
  return value.toFixed(3)
}

import Table from 'cli-table3'
import type { Outcome } from './job.ts'
import type { Round } from './sides.ts'

/** One figure beside the peer's; less is better in all of them. */
export interface Comparison {
  readonly figure: string
  readonly unit: 'ms' | 'MiB'
  readonly own: number
  /** Null where PyTorch is absent; left out where it has no such figure. */
  readonly peer?: number | null
  /** Peer's over own of each round: median, least and most. */
  readonly ratio?: { readonly median: number; readonly least: number; readonly most: number }
  /** What is hoped for, in words. */
  readonly aim?: string
}

/** Medians over the rounds of one figure of the outcomes. */
export function compare(
  rounds: readonly Round[],
  pick: (outcome: Outcome) => number,
  about: Pick<Comparison, 'figure' | 'unit' | 'aim'>,
): Comparison {
  const own = median(rounds.map((round) => pick(round.own)))
  const both = rounds.flatMap(({ own, peer }) => (peer ? [{ own: pick(own), peer: pick(peer) }] : []))
  if (both.length === 0) return { ...about, own, peer: null }
  const ratios = both.map(({ own, peer }) => peer / own)
  return {
    ...about,
    own,
    peer: median(both.map(({ peer }) => peer)),
    ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
  }
}

/** The middle of `values`, the upper one of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

/** Prints figures beside the peer's. */
export function printComparisons(comparisons: readonly Comparison[]): void {
  const table = new Table({
    head: ['figure', 'here', 'PyTorch', 'PyTorch / here (least–most)', 'aim'],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
  })
  for (const { figure, unit, own, peer, ratio, aim = '' } of comparisons) {
    const beside = peer === undefined ? '–' : peer === null ? 'peer absent' : amount(peer, unit)
    const ratios = ratio
      ? `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`
      : '–'
    table.push([figure, amount(own, unit), beside, ratios, aim])
  }
  console.log(table.toString())
}

function amount(value: number, unit: string): string {
  return `${value.toFixed(Math.abs(value) < 100 ? 1 : 0)} ${unit}`
}

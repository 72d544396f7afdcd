import Table from 'cli-table3'
import type { Estimate } from '../evaluate/interval.ts'

/** A plain table of text, without colours or borders that a log could not hold. */
export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const none = Object.fromEntries(
    [
      'top',
      'top-mid',
      'top-left',
      'top-right',
      'bottom',
      'bottom-mid',
      'bottom-left',
      'bottom-right',
      'left',
      'left-mid',
      'mid',
      'mid-mid',
      'right',
      'right-mid',
    ].map((part) => [part, '']),
  )
  const made = new Table({
    head: [...head],
    chars: { ...none, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  made.push(...lines.map((cells) => [...cells]))
  return made.toString().replace(/[^\S\n]+$/gm, '')
}

/** `92.0 % (85.0 to 95.9)`. */
export function percent({ value, low, high }: Estimate): string {
  const show = (share: number) => (100 * share).toFixed(1)
  return `${show(value)} % (${show(low)} to ${show(high)})`
}

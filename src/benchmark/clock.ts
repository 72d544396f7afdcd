import { median } from 'simple-statistics'
import type { TimingRecord } from './record.ts'

/** Seconds so far, and milliseconds of a step since the reading before. */
export type Times = Pick<TimingRecord, 'seconds' | 'batch' | 'compute'>

/** A step that takes so many times the median was suspended by the system rather than slow. */
const SUSPENDED = 100

/** Adds up training time since the last reading. */
export function createClock(): {
  start(seconds: number): void
  add(step: { batch: number; compute: number }): void
  read(): Times
} {
  let seconds = 0
  let steps: { batch: number; compute: number }[] = []
  return {
    start: (from) => (seconds = from),
    add: (step) => steps.push(step),
    read() {
      const total = ({ batch, compute }: { batch: number; compute: number }) => batch + compute
      const longest = SUSPENDED * (steps.length > 0 ? median(steps.map(total)) : 0)
      const counted = steps.filter((step) => total(step) <= longest)
      const mean = (of: (step: { batch: number; compute: number }) => number) =>
        counted.reduce((sum, step) => sum + of(step), 0) / Math.max(1, counted.length)
      seconds += (mean(total) * steps.length) / 1000
      steps = []
      return { seconds, batch: mean(({ batch }) => batch), compute: mean(({ compute }) => compute) }
    },
  }
}

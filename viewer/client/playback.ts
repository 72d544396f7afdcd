/** Which of the three timelines plays. */
export type Level = 'step' | 'replan' | 'denoise'

/** A moment: where an episode is, and where its present plan is between noise and result. */
export interface Moment {
  /** Environment step, between two of them where it moves; 0 … length. */
  readonly step: number
  /** Denoise step, 0 (noise) … denoiseSteps (the plan). */
  readonly denoise: number
}

/** What there is to play. */
export interface Timeline {
  /** Environment steps of the episode. */
  readonly length: number
  /** Steps at which it planned, increasing, the first 0. */
  readonly replans: readonly number[]
  /** Denoise steps of the present plan; 0 where none is known. */
  readonly denoiseSteps: number
  /** Environment steps in a second at speed 1. */
  readonly rate: number
}

/** Seconds that denoising takes at speed 1, where its steps are neither very few nor very many. */
const DENOISE_SECONDS = 1.8
/** Slowest and fastest denoising, steps in a second. */
const DENOISE_RATE = [2, 40] as const

/** The replan that a step belongs to. */
export function replanAt({ replans }: Pick<Timeline, 'replans'>, step: number): number {
  let replan = 0
  // A hair of tolerance, so that a step that was computed lands in the replan that begins there.
  while (replan + 1 < replans.length && replans[replan + 1] <= step + 1e-6) replan++
  return replan
}

/** Last step of a replan's executed part: the next replan, or the end. */
export function endOf({ replans, length }: Pick<Timeline, 'replans' | 'length'>, replan: number): number {
  return replans[replan + 1] ?? length
}

/**
 * Plays for a while.
 *
 * - `step`: the episode moves, plans are shown as they ended.
 * - `denoise`: the plan of the present replan comes out of its noise; the episode stands still.
 * - `replan`: both in turn, as the robot does: denoise, carry out, denoise anew.
 *
 * @param seconds of playing at speed 1
 * @returns the moment then, and whether the end was reached
 */
export function advance(
  level: Level,
  moment: Moment,
  timeline: Timeline,
  seconds: number,
): { readonly moment: Moment; readonly ended: boolean } {
  const { length, denoiseSteps, rate } = timeline
  const denoiseRate = Math.min(DENOISE_RATE[1], Math.max(DENOISE_RATE[0], denoiseSteps / DENOISE_SECONDS))
  if (level === 'step') {
    const step = Math.min(length, moment.step + seconds * rate)
    return { moment: { step, denoise: denoiseSteps }, ended: step >= length }
  }
  const denoise = Math.min(denoiseSteps, moment.denoise + seconds * denoiseRate)
  if (level === 'denoise') return { moment: { ...moment, denoise }, ended: denoise >= denoiseSteps }
  const left = seconds - (denoise - moment.denoise) / denoiseRate
  if (denoise < denoiseSteps || left <= 0) return { moment: { ...moment, denoise }, ended: false }
  const end = endOf(timeline, replanAt(timeline, moment.step))
  const step = Math.min(end, moment.step + left * rate)
  if (step < end) return { moment: { step, denoise }, ended: false }
  // The next replan begins with noise.
  return step >= length
    ? { moment: { step, denoise }, ended: true }
    : { moment: { step, denoise: 0 }, ended: false }
}

/** One step forth (1) or back (−1) on a timeline, from a whole position. */
export function stepBy(level: Level, moment: Moment, timeline: Timeline, direction: 1 | -1): Moment {
  const { length, replans, denoiseSteps } = timeline
  if (level === 'denoise') {
    const whole = direction > 0 ? Math.floor(moment.denoise) : Math.ceil(moment.denoise)
    return { ...moment, denoise: Math.min(denoiseSteps, Math.max(0, whole + direction)) }
  }
  if (level === 'replan') {
    const present = replanAt(timeline, moment.step)
    const back = moment.step > replans[present] ? present : present - 1
    const replan = direction > 0 ? present + 1 : back
    if (replan >= replans.length) return { step: length, denoise: denoiseSteps }
    return { step: replans[Math.max(0, replan)] ?? 0, denoise: denoiseSteps }
  }
  const whole = direction > 0 ? Math.floor(moment.step + 1e-6) : Math.ceil(moment.step - 1e-6)
  return { step: Math.min(length, Math.max(0, whole + direction)), denoise: denoiseSteps }
}

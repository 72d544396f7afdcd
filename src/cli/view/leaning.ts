import type { DrawnPath } from './demonstrations-message.ts'

/** Demonstrations that are asked, and how many of them must agree. */
const ASKED = 8
const AGREE = 7

/**
 * The mode that a place leads to: that of the demonstrations which pass nearest to it, if nearly all of them
 * show the same one.
 *
 * @returns index of the mode, −1 where it is still open
 */
export function leaning(demonstrated: readonly DrawnPath[], [x, y]: readonly [number, number]): number {
  const nearest = demonstrated
    .filter(({ mode }) => mode >= 0)
    .map(({ points, mode }) => ({
      mode,
      distance: points.reduce((least, [px, py]) => Math.min(least, (px - x) ** 2 + (py - y) ** 2), Infinity),
    }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, ASKED)
  const votes = new Map<number, number>()
  for (const { mode } of nearest) votes.set(mode, (votes.get(mode) ?? 0) + 1)
  return [...votes].find(([, count]) => count >= AGREE)?.[0] ?? -1
}

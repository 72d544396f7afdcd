import type { Episode } from '../../src/env/environment.ts'
import { recordEpisode } from '../../src/env/record-episode.ts'
import { FailureError } from '../../src/errors.ts'
import type { Rng } from '../../src/random/rng.ts'
import { MARGIN } from './expert.ts'
import { clearanceOfSegment, GOAL_Y, type Point, START } from './geometry.ts'
import { gapsOf, modes } from './modes.ts'
import { type Path, pathAt, randomPath } from './path.ts'
import { pathDynamics, WAYPOINTS } from './path-dynamics.ts'

const TRIES = 1000
/** Heights at which a path's length is summed up. */
const PIECES = 600
/** The last waypoint lies so far beyond the goal line, in m. */
const BEYOND = 0.02

/**
 * Demonstration `index` takes way `index mod 24`: a random smooth path through its three gaps, as the expert of
 * `avoiding` draws it, cut into waypoints at even distances along it. Every one keeps the same margin from the
 * obstacles.
 */
export function demonstratePath(index: number, rng: Rng): Episode {
  const mode = index % modes.names.length
  for (let i = 0; i < TRIES; i++) {
    const points = waypoints(randomPath(gapsOf(mode), rng))
    if (points.some((to, k) => clearanceOfSegment(k === 0 ? START : points[k - 1], to) < MARGIN)) continue
    const episode = recordEpisode(pathDynamics, pathDynamics.initial(0), (_, step) => points[step])
    if (episode.success && episode.mode === mode) return episode
  }
  throw new FailureError(
    `The expert found no free path for demonstration ${index} in ${TRIES} tries; use another random stream.`,
  )
}

/** {@link WAYPOINTS} points at even distances from the start to beyond the goal line. */
function waypoints(path: Path): Point[] {
  const step = (GOAL_Y + BEYOND - START[1]) / PIECES
  const points = Array.from({ length: PIECES + 1 }, (_, i) => pathAt(path, START[1] + i * step).point)
  const lengths = [0]
  for (let i = 1; i <= PIECES; i++) {
    const [a, b] = [points[i - 1], points[i]]
    lengths.push(lengths[i - 1] + Math.hypot(b[0] - a[0], b[1] - a[1]))
  }
  let at = 1
  return Array.from({ length: WAYPOINTS }, (_, k) => {
    const wanted = (lengths[PIECES] * (k + 1)) / WAYPOINTS
    while (at < PIECES && lengths[at] < wanted) at++
    const part = Math.min(1, (wanted - lengths[at - 1]) / (lengths[at] - lengths[at - 1]))
    const [a, b] = [points[at - 1], points[at]]
    return [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])]
  })
}

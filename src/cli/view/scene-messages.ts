import type { MessageOf, ShapeMessage } from '../../../viewer/protocol/index.ts'
import type { Dynamics, Scene, Shape } from '../../env/environment.ts'

/** The scene of a state as a message. Shapes that move are replaced by the frames of an episode. */
export function sceneMessage(run: number, scene: Scene): MessageOf<'scene'> {
  const { unit, bounds, shapes } = scene
  return {
    type: 'scene',
    run,
    unit,
    bounds: [...bounds.low, ...bounds.high],
    shapes: shapes.map((shape) => ({ ...head(shape), points: Float32Array.from(shape.points.flat()) })),
  }
}

/** Where everything that moves is in each of an episode's states. */
export function framesMessage<S>(
  run: number,
  episode: number,
  dynamics: Pick<Dynamics<S>, 'scene'>,
  states: readonly S[],
): MessageOf<'frames'> {
  const places = new Map<string, { readonly shape: Shape; readonly points: number[][] }>()
  for (const state of states) {
    for (const shape of dynamics.scene(state).shapes) {
      const place = places.get(shape.path) ?? { shape, points: [] }
      places.set(shape.path, place)
      place.points.push(shape.points.flat())
    }
  }
  const shapes: ShapeMessage[] = []
  for (const { shape, points } of places.values()) {
    // A shape that comes, goes or changes its number of points cannot be moved; the scene shows its first place.
    const movable = points.length === states.length && points.every((at) => at.length === points[0].length)
    const moves = points.some((at) => at.some((value, i) => value !== points[0][i]))
    if (movable && moves) shapes.push({ ...head(shape), points: Float32Array.from(points.flat()) })
  }
  return { type: 'frames', run, episode, shapes }
}

function head({ path, kind, role, radius }: Shape): Omit<ShapeMessage, 'points'> {
  return { path, kind, role, ...(radius !== undefined && { radius }) }
}

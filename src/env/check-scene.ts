import { InputError } from '../errors.ts'
import type { Scene, Shape } from './environment.ts'

const KINDS = ['disc', 'polygon', 'line']
const ROLES = ['agent', 'obstacle', 'goal', 'object', 'wall', 'target']
/** Fewest points of each kind of shape. */
const LEAST_POINTS = { disc: 1, polygon: 3, line: 2 }

/**
 * Verifies that a scene can be drawn: finite bounds and coordinates, known kinds and roles, unique paths, and
 * an agent among the shapes.
 *
 * @param name the environment's name, for messages
 * @throws InputError naming the shape and what is wrong with it
 */
export function checkScene(name: string, scene: Scene): void {
  const { low, high } = scene.bounds
  const bounded = [0, 1].every((i) => Number.isFinite(low[i]) && Number.isFinite(high[i]) && low[i] < high[i])
  if (!bounded) {
    throw new InputError(
      `${name}: the scene's bounds [${low.join(', ')}] to [${high.join(', ')}] enclose no area; make low < high in both coordinates.`,
    )
  }
  if (scene.unit === '') throw new InputError(`${name}: the scene's unit is empty; name it, such as "m".`)
  const paths = new Set<string>()
  for (const shape of scene.shapes) {
    checkShape(name, shape)
    if (paths.has(shape.path)) {
      throw new InputError(`${name}: the scene has two shapes with the path "${shape.path}"; make it unique.`)
    }
    paths.add(shape.path)
  }
  if (!scene.shapes.some((shape) => shape.role === 'agent')) {
    throw new InputError(`${name}: no shape of the scene has the role "agent"; add the agent to the shapes.`)
  }
}

function checkShape(name: string, shape: Shape): void {
  const fail = (what: string): never => {
    throw new InputError(`${name}: the scene's shape "${shape.path}" ${what}.`)
  }
  if (!shape.path.startsWith('/')) fail('has a path that does not start with "/"; name it like "/env/disc"')
  if (!KINDS.includes(shape.kind)) fail(`has the kind "${shape.kind}"; use one of ${KINDS.join(', ')}`)
  if (!ROLES.includes(shape.role)) fail(`has the role "${shape.role}"; use one of ${ROLES.join(', ')}`)
  if (shape.points.length < LEAST_POINTS[shape.kind]) {
    fail(`is a ${shape.kind} with ${shape.points.length} points; give at least ${LEAST_POINTS[shape.kind]}`)
  }
  if (!shape.points.every((point) => point.length === 2 && point.every(Number.isFinite))) {
    fail('has a point that is not a pair of finite numbers; correct it')
  }
  const radius = shape.radius ?? 0
  if (shape.kind === 'disc' && !(radius > 0 && Number.isFinite(radius))) {
    fail(`is a disc of radius ${shape.radius}; give a positive radius`)
  }
}

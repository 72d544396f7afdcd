import * as Plot from '@observablehq/plot'
import type { Scene, Shape } from '../env/environment.ts'

/** Fill and stroke of each role in a still picture on white. Agents and their targets are not drawn: the paths show them. */
const STYLES: Partial<Record<Shape['role'], { readonly fill: string; readonly stroke: string }>> = {
  obstacle: { fill: '#c9ced6', stroke: '#8a93a1' },
  wall: { fill: '#e3e6eb', stroke: '#8a93a1' },
  goal: { fill: '#d7efdb', stroke: '#2e9e4f' },
  object: { fill: '#f3ead7', stroke: '#c3a566' },
}

/** Sides of the polygon that stands for a disc: smooth at any size a page shows. */
const SIDES = 72

/**
 * The scene's fixed parts as marks of a plot in the scene's own units; the agent is left to the paths.
 *
 * @param clip whether the plot shows a part of the scene only
 */
export function sceneMarks(scene: Scene, clip = false): Plot.Markish[] {
  return scene.shapes.flatMap((shape) => {
    const style = STYLES[shape.role]
    if (!style) return []
    const points = outline(shape)
    const closed = shape.kind !== 'line'
    const { fill, stroke } = style
    return [
      Plot.line(points, {
        fill: closed ? fill : 'none',
        stroke,
        strokeWidth: shape.role === 'goal' && !closed ? 2 : 1,
        curve: closed ? 'linear-closed' : 'linear',
        ...(clip && { clip }),
      }),
    ]
  })
}

function outline({ kind, points, radius = 0 }: Shape): [number, number][] {
  if (kind !== 'disc') return points.map(([x, y]) => [x, y])
  const [[x, y]] = points
  return Array.from({ length: SIDES }, (_, i) => {
    const angle = (2 * Math.PI * i) / SIDES
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
  })
}

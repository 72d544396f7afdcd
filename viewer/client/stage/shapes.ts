import {
  type BufferGeometry,
  ExtrudeGeometry,
  Group,
  Mesh,
  MeshLambertMaterial,
  type Object3D,
  RingGeometry,
  Shape,
} from 'three'
import type { ShapeMessage } from '../../protocol/index.ts'
import type { Palette } from '../theme.ts'

/** Heights of shapes by role, as shares of the scene's size. */
const HEIGHTS: Readonly<Record<ShapeMessage['role'], number>> = {
  obstacle: 0.05,
  wall: 0.022,
  object: 0.032,
  agent: 0.05,
  goal: 0.002,
  target: 0.003,
}
/** Width of lines, as a share of the scene's size. */
const LINE = 0.007

/** A shape as it stands on the table. */
export interface ShapeObject {
  readonly object: Object3D
  readonly path: string
  /** Moves it to the points of a frame, between two of which `part` lies. */
  move(frames: Float32Array, step: number): void
  paint(palette: Palette): void
  dispose(): void
}

/** @param size of the scene, in its own unit */
export function shapeObject(shape: ShapeMessage, size: number): ShapeObject {
  const height = HEIGHTS[shape.role] * size
  const material = new MeshLambertMaterial()
  const flat = shape.role === 'goal' || shape.role === 'target'
  if (flat) {
    material.transparent = true
    material.opacity = shape.role === 'goal' && shape.kind !== 'line' ? 0.55 : 0.9
  }
  const { geometry, pose } = solid(shape, height, size)
  const mesh = new Mesh(geometry, material)
  mesh.castShadow = !flat
  mesh.receiveShadow = true
  const object = new Group()
  object.add(mesh)
  const place = (points: Float32Array) => {
    const { x, y, angle } = pose(points)
    object.position.set(x, y, 0)
    object.rotation.z = angle
  }
  place(shape.points)
  const length = shape.points.length
  const between = new Float32Array(length)
  return {
    object,
    path: shape.path,
    move(frames, step) {
      const last = frames.length / length - 1
      const from = Math.min(last, Math.floor(step))
      const to = Math.min(last, from + 1)
      const part = Math.min(1, step - from)
      for (let i = 0; i < length; i++) {
        const a = frames[from * length + i]
        between[i] = a + part * (frames[to * length + i] - a)
      }
      place(between)
    },
    paint(palette) {
      material.color.set(palette[shape.role])
      material.emissive.set(palette[shape.role])
      material.emissiveIntensity = shape.role === 'agent' ? 0.25 : flat ? 0.35 : 0.04
    },
    dispose() {
      geometry.dispose()
      material.dispose()
    },
  }
}

interface Solid {
  readonly geometry: BufferGeometry
  /** Where the object stands for the points of a frame: what moves is rigid. */
  pose(points: ArrayLike<number>): { readonly x: number; readonly y: number; readonly angle: number }
}

function solid({ kind, role, points, radius = 0 }: ShapeMessage, height: number, size: number): Solid {
  if (kind === 'disc') {
    const pose = (at: ArrayLike<number>) => ({ x: at[0], y: at[1], angle: 0 })
    if (role === 'target' || role === 'goal') {
      const ring = new RingGeometry(radius * 0.62, radius, 48)
      ring.translate(0, 0, height)
      return { geometry: ring, pose }
    }
    return { geometry: puck(radius, role === 'agent' ? Math.min(height, radius * 1.7) : height), pose }
  }
  const still = () => ({ x: 0, y: 0, angle: 0 })
  if (kind === 'line') return { geometry: band(points, LINE * size, height), pose: still }
  const [cx, cy] = centre(points)
  const angle = heading(points)
  const [cos, sin] = [Math.cos(-angle), Math.sin(-angle)]
  const outline = new Shape()
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i] - cx, points[i + 1] - cy]
    outline[i === 0 ? 'moveTo' : 'lineTo'](x * cos - y * sin, x * sin + y * cos)
  }
  const bevel = role === 'goal' ? 0 : Math.min(height * 0.18, size * 0.004)
  const geometry = new ExtrudeGeometry(outline, {
    depth: height - bevel,
    bevelEnabled: bevel > 0,
    bevelSize: bevel,
    bevelOffset: -bevel,
    bevelThickness: bevel,
    bevelSegments: 2,
  })
  return {
    geometry,
    pose: (at) => {
      const [x, y] = centre(at)
      return { x, y, angle: heading(at) }
    },
  }
}

/** A disc with a rounded upper edge. */
function puck(radius: number, height: number): BufferGeometry {
  const bevel = Math.min(radius, height) * 0.16
  const outline = new Shape()
  outline.absarc(0, 0, radius - bevel, 0, 2 * Math.PI)
  return new ExtrudeGeometry(outline, {
    depth: height - bevel,
    curveSegments: 40,
    bevelEnabled: true,
    bevelSize: bevel,
    bevelThickness: bevel,
    bevelSegments: 4,
  })
}

/** A band along a line, with round ends where it turns. */
function band(points: Float32Array, width: number, height: number): BufferGeometry {
  const shapes: Shape[] = []
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [x0, y0, x1, y1] = points.subarray(i, i + 4)
    const length = Math.hypot(x1 - x0, y1 - y0) || 1
    const [nx, ny] = [(-(y1 - y0) / length) * (width / 2), ((x1 - x0) / length) * (width / 2)]
    const side = new Shape()
    side
      .moveTo(x0 + nx, y0 + ny)
      .lineTo(x0 - nx, y0 - ny)
      .lineTo(x1 - nx, y1 - ny)
      .lineTo(x1 + nx, y1 + ny)
    shapes.push(side)
  }
  return new ExtrudeGeometry(shapes, { depth: height, bevelEnabled: false })
}

function centre(points: ArrayLike<number>): [number, number] {
  let [x, y] = [0, 0]
  const count = points.length / 2
  for (let i = 0; i < count; i++) {
    x += points[2 * i] / count
    y += points[2 * i + 1] / count
  }
  return [x, y]
}

/** Direction of the first side. */
function heading(points: ArrayLike<number>): number {
  return Math.atan2(points[3] - points[1], points[2] - points[0])
}

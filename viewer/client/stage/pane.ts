import { Color, DirectionalLight, Group, HemisphereLight, Scene } from 'three'
import type { MessageOf } from '../../protocol/index.ts'
import type { Palette } from '../theme.ts'
import { Ribbons } from './ribbons.ts'
import { type ShapeObject, shapeObject } from './shapes.ts'
import { type Label, type Table, table } from './table.ts'

/** One scene on its table: the world of one run. */
export class Pane {
  readonly scene = new Scene()
  readonly demonstrations = new Ribbons()
  readonly others = new Ribbons()
  readonly path = new Ribbons()
  readonly plans = new Ribbons()
  /** Where the network expects the plans to end, while they are being made. */
  readonly predicted = new Ribbons()
  /** The plan that was carried out, above the others. */
  readonly chosen = new Ribbons()
  readonly sun = new DirectionalLight('#ffffff', 2.1)
  readonly #sky = new HemisphereLight('#ffffff', '#404040', 1.5)
  readonly #world = new Group()
  #message: MessageOf<'scene'> | undefined
  #table: Table | undefined
  #labels: readonly Label[] = []
  #shapes: ShapeObject[] = []
  #palette: Palette

  constructor(palette: Palette) {
    this.#palette = palette
    const layers = [this.demonstrations, this.others, this.path, this.predicted, this.plans, this.chosen]
    layers.forEach(({ mesh }, i) => {
      mesh.renderOrder = i + 1
      this.scene.add(mesh)
    })
    this.sun.castShadow = true
    this.sun.shadow.mapSize.set(1024, 1024)
    this.sun.shadow.radius = 5
    this.scene.add(this.#world, this.#sky, this.sun, this.sun.target)
  }

  get bounds(): MessageOf<'scene'>['bounds'] | undefined {
    return this.#message?.bounds
  }

  /** What is to be written over the scene. */
  get labels(): readonly Label[] {
    return this.#labels
  }

  /** Side of the scene, in its own unit. */
  get size(): number {
    const [left, bottom, right, top] = this.bounds ?? [0, 0, 1, 1]
    return Math.max(right - left, top - bottom)
  }

  setScene(message: MessageOf<'scene'> | undefined): void {
    if (message === this.#message) return
    this.#message = message
    this.#clearWorld()
    if (!message) return
    const { bounds, unit, shapes } = message
    const size = this.size
    this.#table = table(bounds, unit)
    this.#shapes = shapes.map((shape) => shapeObject(shape, size))
    this.#labels = [...this.#table.ticks, ...goalLabel(message)]
    this.#world.add(this.#table.object, ...this.#shapes.map(({ object }) => object))
    const [cx, cy] = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2]
    this.sun.position.set(cx - 0.5 * size, cy - 0.55 * size, 1.5 * size)
    this.sun.target.position.set(cx, cy, 0)
    const { camera } = this.sun.shadow
    Object.assign(camera, {
      left: -size,
      right: size,
      top: size,
      bottom: -size,
      near: 0.1 * size,
      far: 4 * size,
    })
    camera.updateProjectionMatrix()
    this.sun.shadow.bias = -0.0006
    const lifts = [0.003, 0.0035, 0.005, 0.0055, 0.006, 0.007]
    const layers = [this.demonstrations, this.others, this.path, this.predicted, this.plans, this.chosen]
    for (const [i, layer] of layers.entries()) layer.setStyle({ lift: lifts[i] * size })
    this.paint(this.#palette)
  }

  /** Places everything that moves. */
  setMoment(frames: MessageOf<'frames'> | undefined, step: number): void {
    for (const shape of this.#shapes) {
      const moving = frames?.shapes.find(({ path }) => path === shape.path)
      if (moving) shape.move(moving.points, step)
    }
  }

  paint(palette: Palette): void {
    this.#palette = palette
    this.scene.background = new Color(palette.background)
    this.#sky.color.set(palette.sky)
    this.#sky.groundColor.set(palette.ground)
    this.#table?.paint(palette)
    for (const shape of this.#shapes) shape.paint(palette)
  }

  dispose(): void {
    this.#clearWorld()
    for (const layer of [
      this.demonstrations,
      this.others,
      this.path,
      this.predicted,
      this.plans,
      this.chosen,
    ])
      layer.dispose()
    this.sun.dispose()
  }

  #clearWorld(): void {
    this.#world.clear()
    this.#table?.dispose()
    for (const shape of this.#shapes) shape.dispose()
    this.#table = undefined
    this.#labels = []
    this.#shapes = []
  }
}

/** The goal's name, to the right of all that it consists of. */
function goalLabel({ shapes }: MessageOf<'scene'>): Label[] {
  const points = shapes
    .filter(({ role }) => role === 'goal')
    .flatMap(({ points, radius = 0 }) =>
      Array.from({ length: points.length / 2 }, (_, i) => ({
        right: points[2 * i] + radius,
        y: points[2 * i + 1],
      })),
    )
  if (points.length === 0) return []
  const x = Math.max(...points.map(({ right }) => right))
  return [{ text: 'goal', x, y: points.reduce((sum, { y }) => sum + y, 0) / points.length, kind: 'goal' }]
}

import { PCFShadowMap, PerspectiveCamera, Vector3, WebGLRenderer } from 'three'
import { OrbitControls } from 'three/addons/controls/OrbitControls.js'
import type { Palette } from '../theme.ts'
import { Pane } from './pane.ts'

/** Opening of the lens, degrees, and how far from straight down it looks, radians. */
const LENS = 32
const TILT = 0.62

/** Where a pane is on the page, px from the canvas' upper left corner. */
export interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** What of each pane the table is kept out of, px. */
export interface Insets {
  readonly top: number
  readonly bottom: number
  /** As far as there is room: the table is moved, not made smaller. */
  readonly left: number
}

/** Draws panes side by side, seen by one camera, whenever something changed and not otherwise. */
export class Stage {
  readonly renderer: WebGLRenderer
  readonly camera = new PerspectiveCamera(LENS, 1, 0.01, 100)
  readonly controls: OrbitControls
  /** Called after each picture. */
  onDrawn: (() => void) | undefined
  readonly #canvas: HTMLCanvasElement
  #panes: Pane[] = []
  #rectangles: Rectangle[] = []
  #palette: Palette
  #dirty = false
  #fitted = ''
  #top = false
  #insets: Insets = { top: 0, bottom: 0, left: 0 }

  constructor(canvas: HTMLCanvasElement, palette: Palette) {
    this.#canvas = canvas
    this.#palette = palette
    this.renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: 'high-performance' })
    // Asking whether shaders are right waits for each of them to be compiled, one after the other.
    this.renderer.debug.checkShaderErrors = false
    this.renderer.shadowMap.enabled = true
    this.renderer.shadowMap.type = PCFShadowMap
    this.renderer.setScissorTest(true)
    this.camera.up.set(0, 0, 1)
    this.controls = new OrbitControls(this.camera, canvas)
    this.controls.enableDamping = false
    this.controls.maxPolarAngle = Math.PI / 2 - 0.05
    this.controls.zoomToCursor = true
    this.controls.addEventListener('change', () => this.invalidate())
  }

  get panes(): readonly Pane[] {
    return this.#panes
  }

  get rectangles(): readonly Rectangle[] {
    return this.#rectangles
  }

  setPanes(count: number): void {
    while (this.#panes.length < count) this.#panes.push(new Pane(this.#palette))
    for (const pane of this.#panes.splice(count)) pane.dispose()
    this.#layout()
  }

  paint(palette: Palette): void {
    this.#palette = palette
    for (const pane of this.#panes) pane.paint(palette)
    this.invalidate()
  }

  setInsets(insets: Insets): void {
    this.#insets = insets
    this.fit()
  }

  /** Looks straight down, or from the near edge of the table. */
  lookFromAbove(top: boolean): void {
    this.#top = top
    this.fit(true)
  }

  /** Brings the whole table into view; unless forced, only where scene, shape of the panes or view changed. */
  fit(force = false): void {
    const bounds = this.#panes.find((pane) => pane.bounds)?.bounds
    const rectangle = this.#rectangles[0]
    if (!bounds || !rectangle || rectangle.height < 1) return
    const aspect = rectangle.width / rectangle.height
    const { top: above, bottom: below, left: beside } = this.#insets
    const ceiling = 1 - (2 * above) / rectangle.height
    const floor = -1 + (2 * below) / rectangle.height
    const { width, height } = rectangle
    const key = [...bounds, width, height, this.#top, above, below, beside].join()
    if (!force && key === this.#fitted) return
    this.#fitted = key
    const [left, bottom, right, top] = bounds
    const target = new Vector3((left + right) / 2, (bottom + top) / 2, 0)
    const tilt = this.#top ? 0.0001 : TILT
    const way = new Vector3(0, -Math.sin(tilt), Math.cos(tilt))
    const size = Math.max(right - left, top - bottom)
    this.camera.aspect = aspect
    this.camera.near = size * 0.05
    this.camera.far = size * 20
    this.camera.clearViewOffset()
    this.camera.updateProjectionMatrix()
    // The nearest distance from which the whole table is within the picture, with as much room above as below.
    let [near, far] = [0.3 * size, 12 * size]
    for (let round = 0; round < 30; round++) {
      const middle = (near + far) / 2
      const extent = this.#extent(target, way, middle, bounds)
      if (extent.across < 0.96 && extent.above - extent.below < 0.95 * (ceiling - floor)) far = middle
      else near = middle
      target.y += ((extent.above + extent.below - ceiling - floor) / 2) * middle * 0.25
    }
    const free = ((1 - this.#extent(target, way, far, bounds).across) * width) / 2
    const aside = Math.min(free, Math.max(0, beside - free))
    if (aside > 0) this.camera.setViewOffset(width, height, -aside, 0, width, height)
    this.#place(target, way, far)
    this.controls.target.copy(target)
    this.controls.minDistance = size * 0.15
    this.controls.maxDistance = size * 6
    this.controls.update()
    this.invalidate()
  }

  resize(width: number, height: number): void {
    const ratio = Math.min(devicePixelRatio, 2)
    if (this.renderer.getPixelRatio() !== ratio) this.renderer.setPixelRatio(ratio)
    this.renderer.setSize(width, height, false)
    this.#layout()
    this.fit()
    this.invalidate()
  }

  /** A point of the table on the page, px within the canvas. */
  project(pane: number, x: number, y: number, z = 0): { readonly left: number; readonly top: number } {
    const { left, top, width, height } = this.#rectangles[pane]
    const place = new Vector3(x, y, z).project(this.camera)
    return { left: left + ((place.x + 1) / 2) * width, top: top + ((1 - place.y) / 2) * height }
  }

  /** Draws with the next frame of the page. */
  invalidate(): void {
    if (this.#dirty) return
    this.#dirty = true
    requestAnimationFrame(() => this.draw())
  }

  draw(): void {
    this.#dirty = false
    const height = this.#canvas.clientHeight
    this.#panes.forEach((pane, i) => {
      const { left, top, width, height: tall } = this.#rectangles[i]
      if (width < 1 || tall < 1) return
      this.renderer.setViewport(left, height - top - tall, width, tall)
      this.renderer.setScissor(left, height - top - tall, width, tall)
      this.renderer.render(pane.scene, this.camera)
    })
    this.onDrawn?.()
  }

  dispose(): void {
    this.setPanes(0)
    this.controls.dispose()
    this.renderer.dispose()
  }

  /** Side by side on a wide canvas, one above the other on a tall one. */
  #layout(): void {
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight]
    const count = this.#panes.length
    const beside = width >= height
    this.#rectangles = this.#panes.map((_, i) =>
      beside
        ? { left: (i * width) / count, top: 0, width: width / count, height }
        : { left: 0, top: (i * height) / count, width, height: height / count },
    )
    this.fit()
    this.invalidate()
  }

  #place(target: Vector3, way: Vector3, distance: number): void {
    this.camera.position.copy(target).addScaledVector(way, distance)
    this.camera.lookAt(target)
    this.camera.updateMatrixWorld()
  }

  /** How far the table reaches to the sides, down and up, where the picture reaches from −1 to 1. */
  #extent(target: Vector3, way: Vector3, distance: number, bounds: readonly number[]) {
    this.#place(target, way, distance)
    const [left, bottom, right, top] = bounds
    const margin = 0.06 * Math.max(right - left, top - bottom)
    const corners = [left - margin, right + margin].flatMap((x) =>
      [bottom - margin, top + margin / 3].map((y) => new Vector3(x, y, 0).project(this.camera)),
    )
    return {
      across: Math.max(...corners.map(({ x }) => Math.abs(x))),
      below: Math.min(...corners.map(({ y }) => y)),
      above: Math.max(...corners.map(({ y }) => y)),
    }
  }
}

import {
  BufferGeometry,
  ExtrudeGeometry,
  Float32BufferAttribute,
  Group,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshLambertMaterial,
  Shape,
} from 'three'
import type { Palette } from '../theme.ts'

/** Something written on the table or at its edge. */
export interface Label {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly kind: 'x' | 'y' | 'goal'
}

/** The table top that a scene stands on, with a grid of round numbers. */
export interface Table {
  readonly object: Group
  /** The numbers along its edges. */
  readonly ticks: readonly Label[]
  paint(palette: Palette): void
  dispose(): void
}

/** @param bounds low x, low y, high x, high y in the scene's unit */
export function table(bounds: readonly [number, number, number, number], unit: string): Table {
  const [left, bottom, right, top] = bounds
  const size = Math.max(right - left, top - bottom)
  const margin = size * 0.012
  const slab = new ExtrudeGeometry(
    rounded(left - margin, bottom - margin, right + margin, top + margin, size * 0.02),
    {
      depth: size * 0.025,
      bevelEnabled: true,
      bevelSize: size * 0.004,
      bevelThickness: size * 0.004,
      bevelSegments: 2,
      curveSegments: 8,
    },
  )
  slab.translate(0, 0, -size * 0.0295)
  const topMaterial = new MeshLambertMaterial()
  const sides = new MeshLambertMaterial()
  const surface = new Mesh(slab, [topMaterial, sides])
  surface.receiveShadow = true

  const step = roundStep(size / 6)
  const lines: number[] = []
  const ticks: Label[] = []
  const decimals = Math.max(0, -Math.floor(Math.log10(step)))
  const label = (value: number) => `${Number(value.toFixed(decimals))}`
  for (let x = Math.ceil(left / step - 1e-9) * step; x <= right + 1e-9 * size; x += step) {
    lines.push(x, bottom, 0, x, top, 0)
    ticks.push({ text: label(x), x, y: bottom - size * 0.05, kind: 'x' })
  }
  for (let y = Math.ceil(bottom / step - 1e-9) * step; y <= top + 1e-9 * size; y += step) {
    lines.push(left, y, 0, right, y, 0)
    ticks.push({ text: label(y), x: left - size * 0.045, y, kind: 'y' })
  }
  const last = ticks.findLastIndex(({ kind }) => kind === 'x')
  if (last >= 0) ticks[last] = { ...ticks[last], text: `${ticks[last].text} ${unit}` }
  const gridGeometry = new BufferGeometry()
  gridGeometry.setAttribute('position', new Float32BufferAttribute(lines, 3))
  const gridMaterial = new LineBasicMaterial({ transparent: true, depthWrite: false })
  const grid = new LineSegments(gridGeometry, gridMaterial)
  grid.position.z = size * 0.0006
  const object = new Group()
  object.add(surface, grid)
  return {
    object,
    ticks,
    paint(palette) {
      topMaterial.color.set(palette.table)
      sides.color.set(palette.edge)
      gridMaterial.color.set(palette.grid)
    },
    dispose() {
      slab.dispose()
      gridGeometry.dispose()
      for (const material of [topMaterial, sides, gridMaterial]) material.dispose()
    },
  }
}

function rounded(left: number, bottom: number, right: number, top: number, radius: number): Shape {
  const shape = new Shape()
  shape.moveTo(left + radius, bottom)
  shape.lineTo(right - radius, bottom).absarc(right - radius, bottom + radius, radius, -Math.PI / 2, 0)
  shape.lineTo(right, top - radius).absarc(right - radius, top - radius, radius, 0, Math.PI / 2)
  shape.lineTo(left + radius, top).absarc(left + radius, top - radius, radius, Math.PI / 2, Math.PI)
  shape.lineTo(left, bottom + radius).absarc(left + radius, bottom + radius, radius, Math.PI, 1.5 * Math.PI)
  return shape
}

/** The nearest of 1, 2 or 5 times a power of ten above a value. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return power * (([1, 2, 5].find((digit) => digit * power >= value) ?? 10) as number)
}

import { type Rows, row } from '../../rows.ts'

/** Rounds of power iteration: the picture needs no more digits than a screen shows. */
const ROUNDS = 60

/**
 * The two orthonormal directions in which rows vary most, by power iteration on their covariance.
 *
 * @returns two directions, each as wide as a row
 */
export function mainPlane(data: Rows): [Float64Array, Float64Array] {
  const { rows, columns } = data
  const mean = new Float64Array(columns)
  for (let i = 0; i < rows; i++) for (const [j, value] of row(data, i).entries()) mean[j] += value / rows
  const found: Float64Array[] = []
  for (let k = 0; k < 2; k++) {
    let direction = Float64Array.from({ length: columns }, (_, j) => Math.cos(1 + j * (k + 1)))
    for (let round = 0; round < ROUNDS; round++) {
      for (const other of found) subtract(direction, other, dot(direction, other))
      const image = new Float64Array(columns)
      for (let i = 0; i < rows; i++) {
        const values = row(data, i)
        let along = 0
        for (let j = 0; j < columns; j++) along += (values[j] - mean[j]) * direction[j]
        for (let j = 0; j < columns; j++) image[j] += along * (values[j] - mean[j])
      }
      for (const other of found) subtract(image, other, dot(image, other))
      const length = Math.sqrt(dot(image, image))
      // Data without a second direction: any will do.
      if (length < 1e-12) break
      direction = image.map((value) => value / length)
    }
    const length = Math.sqrt(dot(direction, direction)) || 1
    found.push(direction.map((value) => value / length))
  }
  return [found[0], found[1]]
}

/** Rows in the plane of two directions, [rows, 2]. */
export function projected(
  data: Rows,
  indices: ArrayLike<number>,
  plane: readonly Float64Array[],
): Float32Array {
  const out = new Float32Array(indices.length * 2)
  for (let i = 0; i < indices.length; i++) {
    for (const [k, direction] of plane.entries()) out[2 * i + k] = dot(direction, row(data, indices[i]))
  }
  return out
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j]
  return sum
}

function subtract(from: Float64Array, direction: Float64Array, times: number): void {
  for (let j = 0; j < from.length; j++) from[j] -= times * direction[j]
}

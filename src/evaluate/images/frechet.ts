import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { InputError } from '../../errors.ts'
import type { Moments } from './moments.ts'

/**
 * The Fréchet distance of two normal distributions (Heusel et al. 2017, arXiv 1706.08500):
 * |m₁ − m₂|² + tr(C₁ + C₂ − 2·(C₁·C₂)^½). With features of InceptionV3 it is the FID. The trace of the root is the
 * sum of the roots of the eigenvalues of C₁^½·C₂·C₁^½, which is symmetric, so nothing complex can come out.
 *
 * @throws InputError for features of different widths
 */
export function frechetDistance(a: Moments, b: Moments): number {
  const size = a.mean.length
  if (b.mean.length !== size) {
    throw new InputError(
      `Features of ${size} and of ${b.mean.length} numbers do not compare; use one extractor.`,
    )
  }
  let distance = 0
  let trace = 0
  for (let i = 0; i < size; i++) {
    distance += (a.mean[i] - b.mean[i]) ** 2
    trace += a.covariance[i * size + i] + b.covariance[i * size + i]
  }
  const first = matrix(a.covariance, size)
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(first, {
    assumeSymmetric: true,
  })
  const roots = values.map((value) => Math.sqrt(Math.max(0, value)))
  const root = vectors.mmul(Matrix.diag(roots)).mmul(vectors.transpose())
  const product = root.mmul(matrix(b.covariance, size)).mmul(root)
  const symmetric = Matrix.add(product, product.transpose()).mul(0.5)
  const { realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true })
  const shared = realEigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0)
  return distance + trace - 2 * shared
}

function matrix(values: Float64Array, size: number): Matrix {
  return Matrix.from1DArray(size, size, values)
}

/** The part of the package `munkres-js` that is used here; it ships no types. */
declare module 'munkres-js' {
  /** Pairs `[row, column]` of a cheapest assignment; the matrix may be rectangular. */
  export default function computeMunkres(cost: number[][]): [row: number, column: number][]
}

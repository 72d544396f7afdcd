declare module 'jstat' {
  const jstat: {
    readonly studentt: {
      /** Share of Student's t distribution below `x`. */
      cdf(x: number, degrees: number): number
      /** The x below which the share `p` lies. */
      inv(p: number, degrees: number): number
    }
    readonly normal: {
      cdf(x: number, mean: number, deviation: number): number
    }
  }
  export default jstat
}

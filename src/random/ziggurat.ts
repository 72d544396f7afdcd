/**
 * Tables of the ziggurat method for the standard normal (Marsaglia & Tsang, "The ziggurat method for
 * generating random variables", 2000) with 256 layers. Doornik's correction (2005) is kept: the bits that
 * choose the layer and the bits of the value are disjoint.
 */

/** Where the base layer ends and the tail begins. */
export const TAIL = 3.6541528853610088
const AREA = 0.00492867323399

/** `WIDTH[i]`: right edge of layer i; `WIDTH[0]` is the virtual width of the base layer, `WIDTH[256]` = 0. */
export const WIDTH = new Float64Array(257)
/** `HEIGHT[i]`: exp(−WIDTH[i]²/2). */
export const HEIGHT = new Float64Array(257)

WIDTH[0] = AREA / Math.exp(-0.5 * TAIL * TAIL)
WIDTH[1] = TAIL
for (let i = 2; i < 256; i++) {
  WIDTH[i] = Math.sqrt(-2 * Math.log(AREA / WIDTH[i - 1] + Math.exp(-0.5 * WIDTH[i - 1] * WIDTH[i - 1])))
}
WIDTH[256] = 0
for (let i = 0; i < 257; i++) HEIGHT[i] = Math.exp(-0.5 * WIDTH[i] * WIDTH[i])

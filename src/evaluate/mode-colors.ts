/** Okabe and Ito's colours (2008), which most colour-blind people tell apart, without the yellow and the black. */
const FEW = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']

/**
 * One colour for each of `count` modes, readable on white: a fixed palette for few, and hues around the circle
 * with alternating lightness for many.
 */
export function modeColors(count: number): string[] {
  if (count <= FEW.length) return FEW.slice(0, count)
  return Array.from({ length: count }, (_, i) => {
    const hue = Math.round((360 * i) / count)
    // Yellows to cyans are light by themselves.
    const light = hue > 40 && hue < 200 ? [28, 35, 41] : [36, 48, 58]
    return `hsl(${hue}, 70%, ${light[i % 3]}%)`
  })
}

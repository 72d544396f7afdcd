import sharp from 'sharp'

/** What an image is made to be. */
export interface DecodeOptions {
  /** Height and width: the shorter side is resized to it and the middle is kept; as it is where absent. */
  readonly size?: number
  readonly colors: 1 | 3
}

/**
 * Decodes an image file, or resizes pixels, to [height, width, colors] bytes. What is transparent becomes black.
 *
 * @throws Error with the decoder's message
 */
export async function decodeImage(
  source:
    | string
    | {
        readonly pixels: Uint8Array
        readonly height: number
        readonly width: number
        readonly colors: number
      },
  { size, colors }: DecodeOptions,
): Promise<Uint8Array> {
  const input =
    typeof source === 'string'
      ? sharp(source, { failOn: 'error' })
      : sharp(source.pixels, {
          raw: { width: source.width, height: source.height, channels: source.colors as 1 | 3 },
        })
  const upright = input.autoOrient().flatten({ background: '#000' })
  const cropped =
    size === undefined ? upright : upright.resize(size, size, { fit: 'cover', position: 'centre' })
  const colored = cropped.toColorspace(colors === 1 ? 'b-w' : 'srgb')
  const { data, info } = await colored.raw().toBuffer({ resolveWithObject: true })
  if (info.channels === colors) return new Uint8Array(data)
  // Grey files stay grey whatever is asked for.
  const places = info.width * info.height
  return Uint8Array.from({ length: places * colors }, (_, i) => data[Math.floor(i / colors) * info.channels])
}

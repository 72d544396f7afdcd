/** Images of one size in memory, with their classes where they have any. */
export interface ImageSet {
  /** Where they come from, for messages. */
  readonly name: string
  readonly count: number
  readonly height: number
  readonly width: number
  /** 1 for grey, 3 for red, green and blue. */
  readonly colors: number
  /** [count, height, width, colors], 0 … 255. */
  readonly pixels: Uint8Array
  /** Class of each image, [count]; absent where nothing says. */
  readonly labels?: Int32Array
  /** Names of the classes; empty without labels. */
  readonly classes: readonly string[]
  /** Files that could not be read, with the reason. */
  readonly skipped: readonly string[]
}

/** Numbers of one image. */
export function imageSize({ height, width, colors }: Pick<ImageSet, 'height' | 'width' | 'colors'>): number {
  return height * width * colors
}

/** Some of the images, in the order given. */
export function selectImages(images: ImageSet, indices: Int32Array): ImageSet {
  const size = imageSize(images)
  const pixels = new Uint8Array(indices.length * size)
  indices.forEach((index, i) => {
    pixels.set(images.pixels.subarray(index * size, (index + 1) * size), i * size)
  })
  const { labels } = images
  return {
    ...images,
    count: indices.length,
    pixels,
    ...(labels && { labels: indices.map((index) => labels[index]) }),
  }
}

import { readFile } from 'node:fs/promises'
import type { LatentConfig } from '../../config/latent.ts'
import type { ImageSet } from '../../data/images/image-set.ts'
import { InputError } from '../../errors.ts'

/**
 * The caption of each class, from the lines of a file or from the names of the folders.
 *
 * @throws InputError for images without classes, or a file that has another number of lines
 */
export async function classCaptions(
  { captions: { path, template } }: Pick<LatentConfig, 'captions'>,
  images: Pick<ImageSet, 'classes' | 'labels' | 'name'>,
): Promise<{ readonly names: readonly string[]; readonly captions: readonly string[] }> {
  if (!images.labels || images.classes.length === 0) {
    throw new InputError(
      `The images of ${images.name} have no classes, of which their captions are made; give a folder for each class, or a file of labels.`,
    )
  }
  let names = images.classes
  if (path !== undefined) {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new InputError(
        `Cannot read captions.path ${path} (${error.code}); give a text file with a line for each class.`,
      )
    })
    names = text.replace(/\r?\n$/, '').split(/\r?\n/)
    if (names.length !== images.classes.length) {
      throw new InputError(
        `${path} has ${names.length} lines for ${images.classes.length} classes; give one for each, in the order of the classes.`,
      )
    }
  }
  return { names, captions: names.map((name) => template.replaceAll('{}', name)) }
}

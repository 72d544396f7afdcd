import type { Block } from './document.ts'

/**
 * A report as Markdown.
 *
 * @param figures folder of the figures' SVG files, from where the Markdown lies
 */
export function markdown(blocks: readonly Block[], figures: string): string {
  return `${blocks.map((block) => write(block, figures)).join('\n\n')}\n`
}

function write(block: Block, figures: string): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${block.text}`
    case 'text':
      return block.text
    case 'list':
      return folded(block.items.map((item) => `- ${item}`).join('\n'), block.folded)
    case 'figure':
      return `![${block.caption}](${figures}/${block.name}.svg)\n\n*${block.caption}*`
    case 'table': {
      const row = (cells: readonly string[]) =>
        `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', '<br>')).join(' | ')} |`
      const lines = [row(block.head), row(block.head.map(() => '---')), ...block.rows.map(row)].join('\n')
      return folded(block.note ? `${lines}\n\n${block.note}` : lines, block.folded)
    }
  }
}

function folded(content: string, summary: string | undefined): string {
  return summary === undefined
    ? content
    : `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`
}

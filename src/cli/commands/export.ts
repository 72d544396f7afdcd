import type { Command } from 'commander'
import type { Output } from '../output.ts'

/** `export`: a run of latent diffusion as a pipeline. */
export function addExport(program: Command, output: () => Output): void {
  program
    .command('export')
    .description('write a run of latent diffusion as a pipeline that diffusers loads')
    .requiredOption('--run <dir>', 'folder of the run')
    .requiredOption('--out <dir>', 'new folder of the pipeline')
    .option('--half', 'store the denoiser in half precision', false)
    .option('--onnx', 'also write unet/model.onnx and vae_decoder/model.onnx', false)
    .action(async (options: { run: string; out: string; half: boolean; onnx: boolean }) => {
      const { exportLatent } = await import('../latent.ts')
      await exportLatent(options, output())
    })
}
